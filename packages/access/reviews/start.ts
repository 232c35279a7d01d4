import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from '../grants/change.ts';
import { lockHolders } from '../grants/holder.ts';
import { besides, holdersOf } from '../requests/approvers.ts';
import { type ReviewDeps, reviewers } from './deps.ts';
import { lockSetting } from './settings.ts';
import type { ReviewSetting } from './types.ts';

const day_ms = 86_400_000;
/** Not used for so long, a right is not needed. */
const unused_days = 45;

const last = {
  name: 'access.review.last',
  text: `select started_at, due_at, closed_at from access.review where tenant = $1 order by started_at desc limit 1`,
};
const inForce = `g.tenant = $1 and g.ended_at is null and g.from_at <= $2 and g.until_at > $2`;
const holders = {
  name: 'access.review.holders',
  text: `select distinct g.account from access.grant g where ${inForce}`,
};
const oldest = {
  name: 'access.review.oldest',
  text: `select min(g.from_at) as since from access.grant g where ${inForce}`,
};
const insert = {
  name: 'access.review.insert',
  text: `insert into access.review (id, tenant, started_by, started_at, due_at) values ($1, $2, $3, $4, $5)`,
};
/** What is recommended, and why: by the last use, or by how long ago it was granted. `$4`: due; `$5`: unused since. */
const insertItems = {
  name: 'access.review_item.insert',
  text: `insert into access.review_item (id, tenant, review, grant_id, account, role, used_at, recommendation, because)
    select gen_random_uuid(), g.tenant, $3, g.id, g.account, g.role, g.used_at,
      case when g.until_at <= $4 then 'let lapse'
        when coalesce(g.used_at, g.from_at) <= $5 then 'revoke' else 'keep' end,
      case when g.until_at <= $4 then 'ends soon'
        when g.used_at is null then case when g.from_at <= $5 then 'never used' else 'new' end
        when g.used_at <= $5 then 'unused' else 'used' end
    from access.grant g where ${inForce}`,
};
/** In the order of ids, as everybody locks several grants. */
const lockGrants = {
  name: 'access.review.lock-grants',
  text: `select g.id from access.grant g where g.id in (select i.grant_id from access.review_item i
      where i.tenant = $1 and i.review = $2) order by g.id for update`,
};
const limit = {
  name: 'access.grant.under-review',
  text: `update access.grant g set approved_until = g.until_at, until_at = $3, changed = $4 from access.review_item i
    where i.tenant = $1 and i.review = $2 and g.tenant = $1 and g.id = i.grant_id and g.until_at > $3`,
};

interface Last extends Record<string, unknown> {
  readonly started_at: Date;
  readonly due_at: Date;
  readonly closed_at: Date | null;
}

const isOpen = (found: Last | undefined, now: number): boolean =>
  found !== undefined && found.closed_at === null && found.due_at.getTime() > now;

/** Whether the time for a campaign has come: counted from the last one, or from the oldest grant. */
async function isDue(connection: Connection, tenant: number, { review_days }: ReviewSetting, now: number) {
  const [found] = await connection.query<Last>(last, [tenant]);
  if (isOpen(found, now)) return false;
  const [grants] = await connection.query<{ since: Date | null }>(oldest, [tenant, new Date(now)]);
  const since = grants?.since;
  if (since === undefined || since === null) return false;
  return (found?.started_at ?? since).getTime() + review_days * day_ms <= now;
}

/** Everybody who holds something, locked before anything else is. Who begins to later has a fresh right. */
async function lockAll(connection: Connection, tenant: number, at: Date): Promise<number> {
  const rows = await connection.query<{ account: string }>(holders, [tenant, at]);
  const accounts = rows.map(({ account }) => account);
  if (accounts.length > 0) await lockHolders(connection, tenant, accounts);
  return accounts.length;
}

interface Start {
  readonly tenant: number;
  /** Absent: it comes of itself. */
  readonly by?: string;
  readonly setting: ReviewSetting;
  readonly now: number;
  readonly to: readonly string[];
}

async function begin(
  { notices }: ReviewDeps,
  connection: Connection,
  { tenant, by, setting, now, to }: Start,
): Promise<string> {
  const id = newId();
  const [at, due] = [new Date(now), new Date(now + setting.answer_days * day_ms)];
  const unusedSince = new Date(now - unused_days * day_ms);
  await connection.query(insert, [id, tenant, by ?? null, at, due]);
  await connection.query(insertItems, [tenant, at, id, due, unusedSince]);
  await connection.query(lockGrants, [tenant, id]);
  await notices.tell(connection, { tenant, kind: 'review-started', to, about: id, at: now });
  const n = await nextChange(connection, tenant);
  await connection.query(limit, [tenant, id, due, n]);
  return id;
}

/** Starts one now. Fault `conflict`: one is open, or there is nothing to review. */
export async function start(deps: ReviewDeps, tenant: number, by: string): Promise<string> {
  const to = [...besides(await holdersOf(deps, tenant, reviewers), [])];
  const now = deps.clock.now();
  const id = await deps.segment.transaction(tenant, async (connection) => {
    const setting = await lockSetting(connection, tenant, deps.limits);
    const [found] = await connection.query<Last>(last, [tenant]);
    if (isOpen(found, now)) throw fault('conflict', 'A review is open already.');
    if ((await lockAll(connection, tenant, new Date(now))) === 0) {
      throw fault('conflict', 'There are no grants to review.');
    }
    return begin(deps, connection, { tenant, by, setting, now, to });
  });
  deps.changed?.(tenant);
  return id;
}

/** Starts one if its time has come. Whoever else looks at the same moment finds it started. */
export async function startDue(deps: ReviewDeps, tenant: number): Promise<boolean> {
  const to = [...besides(await holdersOf(deps, tenant, reviewers), [])];
  const now = deps.clock.now();
  const started = await deps.segment.transaction(tenant, async (connection) => {
    const setting = await lockSetting(connection, tenant, deps.limits);
    if (!(await isDue(connection, tenant, setting, now))) return false;
    await lockAll(connection, tenant, new Date(now));
    await begin(deps, connection, { tenant, setting, now, to });
    return true;
  });
  if (started) deps.changed?.(tenant);
  return started;
}
