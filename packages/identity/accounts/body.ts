import { fault, fold } from '@safeguard/kernel';
import type { Binding, Vault } from '@safeguard/seal';
import type { Account, AccountKind, AccountState, Role } from './types.ts';

/** What of an account is personal: sealed under the account's own key. */
interface Personal {
  readonly login: string;
  readonly name: string;
}

export interface AccountRow extends Record<string, unknown> {
  readonly id: string;
  readonly tenant: number;
  readonly kind: AccountKind;
  readonly state: AccountState;
  readonly key_id: number;
  readonly version: number;
  readonly sealed: Buffer;
  readonly scopes: string[];
  readonly roles: Role[];
  readonly patients: string[];
  readonly fhir_user: string | null;
  readonly source: string;
  readonly external: boolean;
  readonly created_at: Date;
  readonly verified_at: Date | null;
  readonly ended_at: Date | null;
}

/** The columns of an AccountRow, of `identity.account a`. */
export const accountColumns = `a.id, a.tenant, a.kind, a.state, a.key_id, a.version, a.sealed, a.scopes, a.roles,
  array(select p.patient::text from identity.account_patient p where p.account = a.id order by p.patient) as patients,
  a.fhir_user, a.source, a.external, a.created_at, a.verified_at, a.ended_at`;

const binding = (id: string, version: number): Binding => ({ resource: id, version, purpose: 'account' });

/** The blind token by which a login is found, as int8 text. Case and accents make no other person. */
export const loginToken = (vault: Vault, login: string): string => vault.token('login', fold(login)).toString();

/** Seals login and name as the account's given version. The account's key is made where there is none. */
export async function sealPersonal(vault: Vault, id: string, version: number, { login, name }: Personal) {
  const key = (await vault.keysFor([id])).get(id);
  if (key === undefined) throw fault('internal', 'The key of an account is missing.');
  return {
    key_id: key.id,
    sealed: vault.seal(key, binding(id, version), Buffer.from(JSON.stringify({ login, name }))),
  };
}

function asAccount({ version: _, key_id: __, sealed: ___, ...row }: AccountRow, { login, name }: Personal): Account {
  return {
    ...row,
    login,
    name,
    created_at: row.created_at.getTime(),
    verified_at: row.verified_at?.getTime() ?? null,
    ended_at: row.ended_at?.getTime() ?? null,
  };
}

/** Opens rows of one tenant. Login and name of an account whose key was destroyed are empty. */
export async function openAccounts(vault: Vault, rows: readonly AccountRow[]): Promise<Account[]> {
  const keys = await vault.keysById([...new Set(rows.map(({ key_id }) => key_id))]);
  return rows.map((row) => {
    const key = keys.get(row.key_id);
    if (key === undefined) return asAccount(row, { login: '', name: '' });
    return asAccount(row, JSON.parse(vault.open(key, binding(row.id, row.version), row.sealed).toString()) as Personal);
  });
}
