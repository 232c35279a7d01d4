import type { Connection } from '@safeguard/store';
import type { GrantDeps } from '../grants/deps.ts';
import { heldAccounts, isFree } from '../holds/rows.ts';
import type { RoleDefinition } from '../policy/types.ts';

const holders = {
  name: 'access.grant.holders',
  text: `select distinct g.account from access.grant g where g.tenant = $1 and g.ended_at is null
    and g.from_at <= $2 and g.until_at > $2 and g.kind <> 'break-glass' and g.patients is null
    and g.role = any ($3) and ${isFree}`,
};
/** Whose grant of the role is over: what `identity` still says of them does not count. */
const lapsed = {
  name: 'access.grant.lapsed-administrators',
  text: `select g.account from access.grant g
    where g.tenant = $1 and g.role = 'administrator' and g.taken_at is null group by g.account
    having not bool_or(g.ended_at is null and g.from_at <= $2 and g.until_at > $2)`,
};
const stillHolds = {
  name: 'access.grant.hold-still',
  text: `select g.id from access.grant g where g.tenant = $1 and g.ended_at is null and g.from_at <= $2
    and g.until_at > $2 and g.kind <> 'break-glass' and g.patients is null and g.role = any ($3) and g.account = $4
      and ${isFree}
    order by g.id for share`,
};

/** Ids of the accounts with a grant of one of the roles, whatever state they are in. */
export async function accountsWith(
  connection: Connection,
  tenant: number,
  roles: readonly string[],
  at: number,
): Promise<string[]> {
  return idsOf(await connection.query<Ids>(holders, [tenant, new Date(at), roles]));
}

type Deps = Pick<GrantDeps, 'segment' | 'people' | 'clock'>;
type Ids = { account: string };

/** Who holds one of these roles now: ids of active accounts. */
export interface Approvers {
  /** By a grant. */
  readonly granted: ReadonlySet<string>;
  /** As administrators of the tenant, whoever made them so. */
  readonly administrators: ReadonlySet<string>;
}

const idsOf = (rows: readonly Ids[]): string[] => rows.map(({ account }) => account);

async function administrators({ segment, people, clock }: Deps, tenant: number): Promise<ReadonlySet<string>> {
  const all = await people.administrators(tenant);
  const over = new Set(idsOf(await segment.query<Ids>(tenant, lapsed, [tenant, new Date(clock.now())])));
  const held = await heldAccounts((statement, values) => segment.query(tenant, statement, values), tenant);
  return new Set(all.map(({ id }) => id).filter((id) => !over.has(id) && !held.has(id)));
}

/**
 * All active accounts of the workforce that hold one of the roles at this moment, for the whole tenant: a grant that
 * names patients gives nothing beyond their records, and an emergency is no office. Nobody who is on hold.
 */
export async function holdersOf(deps: Deps, tenant: number, roles: readonly string[]): Promise<Approvers> {
  const query: Connection['query'] = (statement, values) => deps.segment.query(tenant, statement, values);
  const ids = await accountsWith({ query }, tenant, roles, deps.clock.now());
  const people = ids.length === 0 ? [] : await deps.people.byIds(tenant, ids);
  const fit = people.filter(({ kind, state }) => kind === 'workforce' && state === 'active');
  return {
    granted: new Set(fit.map(({ id }) => id)),
    administrators: roles.includes('administrator') ? await administrators(deps, tenant) : new Set(),
  };
}

/** Ids of all of them but these. */
export const besides = (
  { granted, administrators: admins }: Approvers,
  others: readonly string[],
): ReadonlySet<string> => new Set([...granted, ...admins].filter((id) => !others.includes(id)));

/**
 * Whether somebody may decide still, inside the transaction of the decision: the grant that lets them cannot end before
 * it commits.
 */
export async function mayStill(
  connection: Connection,
  tenant: number,
  { account, roles, at }: { readonly account: string; readonly roles: readonly string[]; readonly at: number },
  { administrators: admins }: Approvers,
): Promise<boolean> {
  if (admins.has(account)) return true;
  const rows = await connection.query(stillHolds, [tenant, new Date(at), roles, account]);
  return rows.length > 0;
}

/** How many must approve: what the role wants, of those who may; one at least, whoever may. */
export const neededOf = ({ approvals }: Pick<RoleDefinition, 'approvals'>, eligible: number): number =>
  Math.max(1, Math.min(approvals, eligible));
