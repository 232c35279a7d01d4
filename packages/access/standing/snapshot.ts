import type { Segment } from '@safeguard/store';
import { heldAccounts } from '../holds/rows.ts';
import type { Holding } from './types.ts';

/** A grant, as far as rights depend on it. */
export interface HeldGrant {
  readonly account: string;
  readonly holding: Holding & { readonly grant: string; readonly until: number };
  readonly from: number;
  readonly ended: boolean;
  /** Of the role administrator: whether `identity` gave and took it. */
  readonly given: boolean;
  readonly taken: boolean;
}

/** What was found out of one account, until its grants change. */
export interface AccountGrants {
  grants: readonly HeldGrant[];
  readonly lists: Map<string, HoldingList>;
}

/** Holds for `from` ≤ time < `until`. */
export interface HoldingList {
  readonly holdings: readonly Holding[];
  readonly from: number;
  readonly until: number;
  /** Its number among the snapshot's, once it was asked for; see `HeldList`. */
  alike?: number;
}

/** All grants of a tenant that are not over, as of change `n`. */
export interface Snapshot {
  n: number;
  readonly accounts: Map<string, AccountGrants>;
  /** Ids of the grants of the role administrator among them, by account. */
  readonly administrators: Map<string, string>;
  /** Ids of accounts on hold: whatever else is known of them counts for nothing. */
  held: ReadonlySet<string>;
}

export const emptySnapshot = (): Snapshot => ({
  ...{ n: 0, accounts: new Map(), administrators: new Map(), held: new Set() },
});

/** What changed since; at first all that is not over. One row at least, of one moment: of which change it is. */
const select = {
  name: 'access.grant.changed',
  text: `select c.n, g.id, g.account, g.role, g.kind, g.patients, g.opens, g.ended_at is not null as ended,
      g.given_at is not null as given, g.taken_at is not null as taken,
      (extract(epoch from g.from_at) * 1000)::int8 as from_ms, (extract(epoch from g.until_at) * 1000)::int8 as until_ms
    from (select coalesce((select n from access.change where tenant = $1), 0) as n) c
    left join access.grant g on g.tenant = $1 and g.changed > $2
      and ($2 > 0 or (g.ended_at is null and g.until_at > $3) or (g.role = 'administrator' and g.taken_at is null))`,
};

type ChangedRow = {
  n: number;
  id: string | null;
  account: string;
  role: string;
  kind: Holding['kind'];
  patients: string[] | null;
  opens: string[] | null;
  ended: boolean;
  given: boolean;
  taken: boolean;
  from_ms: number;
  until_ms: number;
};

function heldOf(row: ChangedRow & { id: string }): HeldGrant {
  const { id, account, role, kind, patients, opens, ended, given, taken, from_ms, until_ms } = row;
  const holding = Object.freeze({
    role,
    grant: id,
    kind,
    ...(patients === null ? {} : { patients: Object.freeze(patients) }),
    ...(opens === null ? {} : { opens: Object.freeze(opens) }),
    until: until_ms,
  });
  return { account, holding, from: from_ms, ended, given, taken };
}

const isAdministrators = ({ holding }: HeldGrant): boolean => holding.role === 'administrator';

/** Over for good. A grant of the role administrator is so only when `identity` has taken the role back. */
const isOver = (grant: HeldGrant, at: number): boolean =>
  (grant.ended || grant.holding.until <= at) && (!isAdministrators(grant) || grant.taken);

function put({ accounts, administrators }: Snapshot, grant: HeldGrant, at: number): void {
  const { account, holding } = grant;
  const others = (accounts.get(account)?.grants ?? []).filter((one) => one.holding.grant !== holding.grant);
  const grants = others.filter((one) => !isOver(one, at));
  if (!isOver(grant, at)) grants.push(grant);
  if (grants.length === 0) accounts.delete(account);
  else accounts.set(account, { grants, lists: new Map() });
  if (!isAdministrators(grant)) return;
  if (isOver(grant, at)) administrators.delete(holding.grant);
  else administrators.set(holding.grant, account);
}

const isGrant = (row: ChangedRow): row is ChangedRow & { id: string } => row.id !== null;

/**
 * Brings a snapshot up to the newest change: one query when there is none. Who is on hold is asked after it, and so is
 * as new at least.
 */
export async function renew(segment: Segment, tenant: number, snapshot: Snapshot, at: number): Promise<void> {
  const rows = await segment.query<ChangedRow>(tenant, select, [tenant, snapshot.n, new Date(at)]);
  for (const row of rows) if (isGrant(row)) put(snapshot, heldOf(row), at);
  const n = rows[0]?.n ?? snapshot.n;
  if (n === snapshot.n) return;
  snapshot.held = await heldAccounts((statement, values) => segment.query(tenant, statement, values), tenant);
  snapshot.n = n;
}

/** Forgets what is over by now: memory only, nobody's rights hang on it. */
export function prune(snapshot: Snapshot, at: number): void {
  for (const [account, { grants }] of snapshot.accounts) {
    const left = grants.filter((grant) => !isOver(grant, at));
    if (left.length === 0) snapshot.accounts.delete(account);
    else if (left.length < grants.length) snapshot.accounts.set(account, { grants: left, lists: new Map() });
  }
}

/** Whether `identity` has something to give or to take. */
export function isDue({ accounts, administrators }: Snapshot, at: number): boolean {
  for (const [id, account] of administrators) {
    const grant = accounts.get(account)?.grants.find(({ holding }) => holding.grant === id);
    if (grant === undefined) continue;
    const isLive = !grant.ended && grant.holding.until > at;
    if (isLive ? !grant.given && grant.from <= at : !grant.taken) return true;
  }
  return false;
}
