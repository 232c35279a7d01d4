import { newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from '../grants/change.ts';
import type { GrantDeps } from '../grants/deps.ts';
import { lockHolders } from '../grants/holder.ts';
import { officers } from '../product.ts';
import { accountsWith } from '../requests/approvers.ts';
import { holdTables } from './rows.ts';
import type { Causer, EnteredAccount, WayIn } from './types.ts';

/** Under review a grant may come back to its approved end. */
const granted = {
  name: 'access.hold.granted',
  text: `select distinct g.account from access.grant g where g.tenant = $1 and g.account = any ($2::uuid[])
    and g.ended_at is null and greatest(g.until_at, g.approved_until) > $3`,
};
const ofLink = {
  name: 'access.hold.of-link',
  text: `select h.caused_kind, h.caused_by, r.hold is null as stands from ${holdTables}
    where h.tenant = $1 and h.account = $2 and h.about = $3 order by h.number desc limit 1`,
};
const insert = {
  name: 'access.hold.make',
  text: `insert into access.hold (id, tenant, account, cause, about, caused_kind, caused_by, made_at)
    select i.id, $1, i.account, $2, $3, $4, $5, $6 from unnest($7::uuid[], $8::uuid[]) as i (id, account)`,
};

/** What people do to their own account. An app that acts for them may be anybody's. */
const isOwn = ({ by, accounts }: WayIn): boolean =>
  by?.kind === 'user' && by.client === undefined && accounts.every(({ id }) => id === by.id);

function causerOf({ by }: WayIn): Causer {
  if (by === undefined || by.kind === 'anonymous') return { kind: 'unknown' };
  return by.kind === 'operator' ? { kind: 'operator' } : { kind: by.kind, id: by.id };
}

/**
 * What somebody is, beside what was granted. A first invitation takes nobody's place: who made the account decides for
 * whom it is. Of an administrator's only the machine makes one.
 */
function counts({ cause, by }: WayIn, { kind, administrator }: EnteredAccount): boolean {
  if (cause === 'invitation' || cause === 'invitation-used') return administrator && by?.kind !== 'operator';
  return administrator || kind !== 'workforce';
}

async function worthHolding(connection: Connection, way: WayIn): Promise<string[]> {
  const { tenant, accounts, at } = way;
  const ids = accounts.map(({ id }) => id);
  const left = await lockHolders(connection, tenant, ids);
  const rows = await connection.query<{ account: string }>(granted, [tenant, ids, at]);
  const holders = new Set(rows.map(({ account }) => account));
  return accounts
    .filter((one) => !left.has(one.id) && (holders.has(one.id) || counts(way, one)))
    .map(({ id }) => id)
    .sort();
}

type Before = { caused_kind: Causer['kind']; caused_by: string | null; stands: boolean };

/**
 * A link whose hold was released before it was used opens the way anew, and by whoever made it. Undefined: there is
 * nothing to hold for.
 */
async function causerOfUse(connection: Connection, way: WayIn): Promise<Causer | undefined> {
  const { tenant, cause, about, accounts } = way;
  const values = [tenant, accounts[0]?.id, about];
  const [before] = await connection.query<Before>(ofLink, values);
  if (before === undefined) return cause === 'recovery-used' ? causerOf(way) : undefined;
  const { stands, caused_kind: kind, caused_by } = before;
  if (stands) return undefined;
  return caused_by === null ? { kind } : { kind, id: caused_by };
}

const isUse = ({ cause }: WayIn): boolean => cause === 'recovery-used' || cause === 'invitation-used';

interface Made {
  readonly accounts: readonly string[];
  /** Of the holds, in the order of the accounts. */
  readonly ids: readonly string[];
  readonly causer: Causer;
}

async function tellAll({ notices }: Pick<GrantDeps, 'notices'>, connection: Connection, made: Made, way: WayIn) {
  const { tenant, administrators, at } = way;
  const { accounts, ids, causer } = made;
  const byGrant = await accountsWith(connection, tenant, officers, at.getTime());
  const mayRelease = [...new Set([...byGrant, ...administrators])].filter((id) => id !== causer.id);
  for (const [index, account] of accounts.entries()) {
    const common = { tenant, about: ids[index] ?? '', at: at.getTime() };
    const told = causer.kind === 'user' && causer.id !== undefined ? [account, causer.id] : [account];
    await notices.tell(connection, { ...common, kind: 'access-held', to: told });
    const to = mayRelease.filter((id) => id !== account);
    await notices.tell(connection, { ...common, kind: 'hold-to-release', to });
  }
}

/** See `Holds.within`. Locks: after the account's row, holders, then the change. */
export async function holdWithin(
  deps: Pick<GrantDeps, 'notices'>,
  connection: Connection,
  way: WayIn,
): Promise<readonly string[]> {
  if (isOwn(way)) return [];
  const accounts = await worthHolding(connection, way);
  if (accounts.length === 0) return [];
  const causer = isUse(way) ? await causerOfUse(connection, way) : causerOf(way);
  if (causer === undefined) return [];
  const ids = accounts.map(() => newId());
  const { tenant, cause, about, at } = way;
  const values = [tenant, cause, about, causer.kind, causer.id ?? null, at, ids, accounts];
  await connection.query(insert, values);
  await tellAll(deps, connection, { accounts, ids, causer }, way);
  await nextChange(connection, tenant);
  return ids;
}
