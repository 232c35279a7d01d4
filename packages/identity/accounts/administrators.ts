import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { noAccount } from './find.ts';
import type { AccountState } from './types.ts';

/**
 * The account and all active administrators of its tenant, locked in one order: of two that would each take away the
 * last but one administrator, the second waits, and then sees what the first left.
 */
const lock = {
  name: 'identity.account.lock',
  text: `select id, state, version, external, roles <> '{}' as administrator from identity.account
    where tenant = $1 and (id = $2 or (state = 'active' and roles <> '{}')) order by id for update`,
};

const exists = {
  name: 'identity.account.has-administrator',
  text: `select exists (select from identity.account
    where tenant = $1 and state = 'active' and roles <> '{}' and not external) as found`,
};

interface LockedAccount extends Record<string, unknown> {
  readonly id: string;
  readonly state: AccountState;
  readonly version: number;
  readonly external: boolean;
  readonly administrator: boolean;
}

interface Locked {
  readonly account: LockedAccount;
  /** Fault `conflict` when the account is the last administrator, or the last who needs no single sign-on. */
  mustNotBeLast(): void;
}

const rules = (account: LockedAccount): boolean => account.state === 'active' && account.administrator;

/** Locks an account against every other change. Fault `missing`. */
export async function lockAccount(connection: Connection, tenant: number, id: string): Promise<Locked> {
  const rows = await connection.query<LockedAccount>(lock, [tenant, id]);
  const account = rows.find((row) => row.id === id);
  if (account === undefined) throw noAccount();
  const others = rows.filter((row) => row.id !== id && rules(row));
  const enough = account.external ? others : others.filter(({ external }) => !external);
  return {
    account,
    mustNotBeLast() {
      if (!rules(account) || enough.length > 0) return;
      throw fault('conflict', 'The last administrator who signs in without single sign-on must stay.');
    },
  };
}

/** True when somebody can sign in, with factors of ours, who may manage accounts. */
export async function hasAdministrator(connection: Connection, tenant: number): Promise<boolean> {
  const [row] = await connection.query<{ found: boolean }>(exists, [tenant]);
  return row?.found === true;
}
