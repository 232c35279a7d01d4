import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { loginToken, sealPersonal } from './body.ts';
import { checkAccount } from './check.ts';
import type { AccountDeps } from './deps.ts';
import type { NewAccount, PreparedAccount } from './types.ts';

const insert = {
  name: 'identity.account.insert',
  text: `insert into identity.account (id, tenant, kind, state, login_token, key_id, sealed, scopes, roles, fhir_user,
      source, external, created_at, verified_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing returning id`,
};
const claim = {
  name: 'identity.account_login.claim',
  text: `insert into identity.account_login (tenant, token, account) values ($1, $2, $3) on conflict do nothing
    returning account`,
};
const holder = {
  name: 'identity.account_login.holder',
  text: 'select account from identity.account_login where tenant = $1 and token = $2',
};
const insertPatients = {
  name: 'identity.account_patient.insert',
  text: `insert into identity.account_patient (account, tenant, patient) select $1, $2, unnest($3::uuid[])`,
};

const taken = () =>
  fault('conflict', 'The login is taken.', {
    issues: [{ severity: 'error', code: 'duplicate', text: 'The login is taken.', at: 'login' }],
  });

/** Checks and seals a new account; it stands nowhere before `writeAccount`. */
export async function prepareAccount(deps: AccountDeps, asked: NewAccount): Promise<PreparedAccount> {
  const account = checkAccount(asked, deps.scopes);
  const id = newId();
  const vault = await deps.vault(account.tenant);
  const { key_id, sealed } = await sealPersonal(vault, id, 1, account);
  const login_token = loginToken(vault, account.login);
  return { ...account, id, login_token, key_id, sealed: sealed.toString('base64') };
}

/** The login becomes the account's for ever. Fault `conflict` when it is, or ever was, another one's. */
export async function claimLogin(connection: Connection, tenant: number, token: string, id: string): Promise<void> {
  if ((await connection.query(claim, [tenant, token, id])).length > 0) return;
  const [held] = await connection.query<{ account: string }>(holder, [tenant, token]);
  if (held?.account !== id) throw taken();
}

export async function writePatients(
  connection: Connection,
  { id, tenant, patients }: Pick<PreparedAccount, 'id' | 'tenant' | 'patients'>,
): Promise<void> {
  if (patients.length > 0) await connection.query(insertPatients, [id, tenant, patients]);
}

/** Writes what was prepared. An external account needs no setting up: it is active at once. */
export async function writeAccount(connection: Connection, account: PreparedAccount, at: Date): Promise<void> {
  const { id, tenant, kind, login_token, key_id, scopes, roles, fhir_user, source, external } = account;
  const state = external ? 'active' : 'invited';
  const sealed = Buffer.from(account.sealed, 'base64');
  const rights = [scopes, roles, fhir_user, source, external];
  const values = [id, tenant, kind, state, login_token, key_id, sealed, ...rights, at, external ? at : null];
  if ((await connection.query(insert, values)).length === 0) throw taken();
  await claimLogin(connection, tenant, login_token, id);
  await writePatients(connection, account);
}
