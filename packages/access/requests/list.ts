import type { GrantDeps } from '../grants/deps.ts';
import { idOrNobody, pageOf } from '../grants/list.ts';
import type { AccessRequest, RequestFilter } from '../grants/types.ts';
import type { Policy } from '../policy/types.ts';
import { asRequests, type RequestRow, requestColumns } from './rows.ts';

const select = {
  name: 'access.request.list',
  text: `select ${requestColumns} from access.request r where r.tenant = $1
      and ($3::text is null or (case when r.state = 'open' and r.lapses_at <= $2 then 'lapsed' else r.state end) = $3)
      and ($4::uuid is null or r.account = $4) and ($5::uuid is null or r.asked_by = $5)
      and ($6::uuid is null or (r.state = 'open' and r.lapses_at > $2 and r.role = any ($7::text[])
        and r.asked_by <> $6 and r.account <> $6 and not exists (
          select from access.decision d where d.tenant = $1 and d.request = r.id and d.decided_by = $6)))
      and ($8::uuid is null or r.number > (select number from access.request where tenant = $1 and id = $8))
    order by r.number limit $9`,
};
const rolesOf = {
  name: 'access.grant.roles-of',
  text: `select distinct g.role from access.grant g where g.tenant = $1 and g.account = $3 and g.ended_at is null
    and g.from_at <= $2 and g.until_at > $2 and g.kind <> 'break-glass' and g.patients is null`,
};

type Deps = Pick<GrantDeps, 'segment' | 'vault' | 'clock' | 'people' | 'policies'>;

async function heldBy({ segment, clock, people }: Deps, tenant: number, account: string): Promise<ReadonlySet<string>> {
  const values = [tenant, new Date(clock.now()), idOrNobody(account)];
  const rows = await segment.query<{ role: string }>(tenant, rolesOf, values);
  const admins = await people.administrators(tenant);
  const own = admins.some(({ id }) => id === account) ? ['administrator'] : [];
  return new Set([...rows.map(({ role }) => role), ...own]);
}

/** The roles that who holds these may approve. */
const approvable = ({ roles }: Policy, held: ReadonlySet<string>): string[] =>
  Object.keys(roles).filter((name) => roles[name]?.approvers.some((one) => held.has(one)) === true);

/** In the order of asking. Fault `invalid` for a page that is none. */
export async function listRequests(deps: Deps, tenant: number, wanted: RequestFilter = {}): Promise<AccessRequest[]> {
  const { state, account, asked_by, decidable_by } = wanted;
  const { after, count } = pageOf(wanted);
  const { policy } = await deps.policies.active(tenant);
  const roles = decidable_by === undefined ? [] : approvable(policy, await heldBy(deps, tenant, decidable_by));
  const about = [idOrNobody(account), idOrNobody(asked_by), idOrNobody(decidable_by)];
  const values = [tenant, new Date(deps.clock.now()), state ?? null, ...about, roles, after, count];
  return asRequests(deps, tenant, await deps.segment.query<RequestRow>(tenant, select, values));
}
