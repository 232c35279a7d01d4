import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from './change.ts';
import { lockHolders, markLeft } from './holder.ts';
import { asGrant, type GrantRow, grantColumns, missingGrant } from './rows.ts';
import type { Ending, Grant } from './types.ts';

const holderOf = {
  name: 'access.grant.holder',
  text: 'select account from access.grant where tenant = $1 and id = $2',
};
const lockOne = {
  name: 'access.grant.lock',
  text: `select ${grantColumns} from access.grant g where g.tenant = $1 and g.id = $2 for update`,
};
const lockAll = {
  name: 'access.grant.lock-all',
  text: `select g.id from access.grant g where g.tenant = $1 and g.account = $2 and g.ended_at is null
    and g.until_at > $3 order by g.id for update`,
};
/** In one order, as everybody locks several. */
const lockRequests = {
  name: 'access.request.lock-open',
  text: `select id from access.request where tenant = $1 and state = 'open' and (account = $2 or asked_by = $2)
    order by id for update`,
};
const withdrawAll = {
  name: 'access.request.withdraw-all',
  text: `update access.request set state = 'withdrawn' where tenant = $1 and id = any ($2::uuid[]) and state = 'open'`,
};
const end = {
  name: 'access.grant.end',
  text: `update access.grant g set ended_at = $3, ended_why = $4, ended_by = $5, changed = $6
    where g.tenant = $1 and g.id = any ($2::uuid[]) and g.ended_at is null returning ${grantColumns}`,
};

async function endLocked(connection: Connection, tenant: number, ids: readonly string[], { at, by, why }: Ending) {
  const n = await nextChange(connection, tenant);
  return connection.query<GrantRow>(end, [tenant, ids, new Date(at), why, by, n]);
}

/** Ends one grant in the transaction of the caller. Fault `missing`, `conflict` (over already). */
export async function endWithin(connection: Connection, tenant: number, id: string, ending: Ending): Promise<Grant> {
  const [held] = await connection.query<{ account: string }>(holderOf, [tenant, id]);
  if (held === undefined) throw missingGrant();
  await lockHolders(connection, tenant, [held.account]);
  const [row] = await connection.query<GrantRow>(lockOne, [tenant, id]);
  if (row === undefined) throw missingGrant();
  const isOver = row.ended_at !== null || row.until_at.getTime() <= ending.at;
  if (isOver) throw fault('conflict', 'The grant is over already.');
  const [ended] = await endLocked(connection, tenant, [id], ending);
  return asGrant(ended as GrantRow);
}

/**
 * Ends all that an account holds and asks for, and what it asked for others, in the transaction of the caller: of the
 * tenant, or of the platform, when the account ends in the same one. Twice is once.
 * @returns how many grants
 */
export async function endAllWithin(
  connection: Connection,
  tenant: number,
  account: string,
  ending: Ending,
): Promise<number> {
  const at = new Date(ending.at);
  await lockHolders(connection, tenant, [account]);
  if (ending.why === 'account terminated') await markLeft(connection, tenant, account, at);
  const open = await connection.query<{ id: string }>(lockRequests, [tenant, account]);
  if (open.length > 0) await connection.query(withdrawAll, [tenant, open.map(({ id }) => id)]);
  const held = await connection.query<{ id: string }>(lockAll, [tenant, account, at]);
  if (held.length > 0)
    await endLocked(
      connection,
      tenant,
      held.map(({ id }) => id),
      ending,
    );
  return held.length;
}
