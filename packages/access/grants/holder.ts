import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';

const make = {
  name: 'access.holder.make',
  text: `insert into access.holder (tenant, account) select $1, * from unnest($2::uuid[])
    on conflict (tenant, account) do nothing`,
};
const lock = {
  name: 'access.holder.lock',
  text: `select account, left_at from access.holder where tenant = $1 and account = any ($2::uuid[])
    order by account for update`,
};
const leave = {
  name: 'access.holder.leave',
  text: 'update access.holder set left_at = $3 where tenant = $1 and account = $2 and left_at is null',
};

/**
 * Keeps every other change of what these accounts hold or ask for waiting until the commit. Take it before any other
 * lock.
 * @returns ids of those who left for good
 */
export async function lockHolders(
  connection: Connection,
  tenant: number,
  accounts: readonly string[],
): Promise<ReadonlySet<string>> {
  const sorted = [...new Set(accounts)].sort();
  await connection.query(make, [tenant, sorted]);
  const rows = await connection.query<{ account: string; left_at: Date | null }>(lock, [tenant, sorted]);
  return new Set(rows.filter(({ left_at }) => left_at !== null).map(({ account }) => account));
}

/** As `lockHolders`. Fault `conflict` when one of them left. */
export async function lockStaying(connection: Connection, tenant: number, accounts: readonly string[]): Promise<void> {
  const left = await lockHolders(connection, tenant, accounts);
  if (left.size > 0) throw fault('conflict', 'The account was terminated.');
}

/** From now on nothing is asked for or granted. The holder is locked. */
export async function markLeft(connection: Connection, tenant: number, account: string, at: Date): Promise<void> {
  await connection.query(leave, [tenant, account, at]);
}
