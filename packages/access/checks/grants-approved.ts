import { type Check, type CheckContext, isFault, newId, resultOf } from '@safeguard/kernel';
import { type AccessCheckDeps, day_ms, eachTenant, hour_ms, hour_s, most_wrong } from './deps.ts';

const inForce = 'g.tenant = $1 and g.ended_at is null and g.until_at > $2';
const counted = { name: 'access.check.grants', text: `select count(*)::int as n from access.grant g where ${inForce}` };
/** Nobody's own approval counts; the operator's (null) does, which the program gives only where nobody else may. */
const approvals = `(select count(*) from access.decision d where d.request = r.id and d.tenant = r.tenant
  and d.verdict = 'approve' and d.decided_by is distinct from g.account and d.decided_by is distinct from r.asked_by)`;
const whole = 'coalesce(g.approved_until, g.until_at)';
const unapproved = {
  name: 'access.check.unapproved',
  text: `select g.id, case
      when r.id is null then 'has no request'
      when r.state <> 'approved' then 'has a request that was not approved'
      when r.account <> g.account or r.role <> g.role or r.kind <> g.kind or r.patients is distinct from g.patients
        or r.opens is distinct from g.opens then 'is another right than was asked for'
      when exists (select from access.decision d where d.request = r.id and d.verdict = 'reject')
        then 'was rejected by somebody'
      when g.kind <> 'break-glass' and ${approvals} < greatest(r.needed, 1) then 'lacks approvals by others'
      when g.kind <> 'break-glass' and ${whole} > r.until_at then 'lasts longer than was approved'
      when g.kind = 'standing' and ${whole} > g.from_at + make_interval(secs => $3) then 'lasts longer than a grant may'
      when g.kind = 'elevation' and g.until_at > g.from_at + make_interval(secs => $4)
        then 'lasts longer than an elevation may'
    end as why
    from access.grant g left join access.request r on r.id = g.request and r.tenant = g.tenant where ${inForce}`,
};
const wrongOnes = {
  name: unapproved.name,
  text: `select * from (${unapproved.text}) x where why is not null order by id limit ${most_wrong}`,
};

const ask = {
  name: 'access.check.plant-request',
  text: `insert into access.request (id, tenant, kind, account, role, asked_by, asked_at, until_at, lapses_at,
    state, needed, key_id, sealed) values ($1, $2, 'standing', $3, 'clinician', $3, $4, $5, $5, 'open', 1, 0, '')`,
};
const grant = {
  name: 'access.check.plant-grant',
  text: `insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
    values ($1, $2, $3, 'standing', $4, 'clinician', $5, $6, 1)`,
};

const planted = new Error('planted, and rolled back');

/** Tries to grant what nobody approved, past the program. Whatever comes of it, nothing of it stays. */
async function plant({ segment, probe, clock }: AccessCheckDeps): Promise<string[]> {
  const [tenant] = await probe.tenants();
  const [request, account, now] = [newId(), newId(), clock.now()];
  const [from, until] = [new Date(now), new Date(now + hour_ms)];
  try {
    await segment.transaction(tenant, async (connection) => {
      await connection.query(ask, [request, tenant, account, from, until]);
      await connection.query(grant, [newId(), tenant, request, account, from, until]);
      throw planted;
    });
  } catch (error) {
    if (error === planted) return ['the database takes a grant whose request nobody approved'];
    if (!isFault(error) || error.kind === 'unavailable') throw error;
  }
  return [];
}

function unapprovedOf(deps: AccessCheckDeps, { at, number, signal }: CheckContext) {
  const longest = [
    number('access.grant_longest_days') * (day_ms / 1_000),
    number('access.elevation_longest_hours') * hour_s,
  ];
  let grants = 0;
  const work = async (tenant: number): Promise<string[]> => {
    const now = new Date(at);
    const [row] = await deps.segment.query<{ n: number }>(tenant, counted, [tenant, now]);
    grants += row?.n ?? 0;
    const rows = await deps.segment.query<{ id: string; why: string }>(tenant, wrongOnes, [tenant, now, ...longest]);
    return rows.map(({ id, why }) => `grant ${id} of tenant ${tenant} ${why}`);
  };
  return eachTenant(deps, { signal }, work).then(({ found }) => ({ grants, found }));
}

export const grantsApproved = (deps: AccessCheckDeps): Check => ({
  id: 'access.grants-approved',
  title: 'Every right was asked for and approved by somebody else',
  query:
    'Holds every grant in force of every tenant against its request, the approvals of others that it needed, and the ' +
    'longest times that are allowed; and tries to write a grant that nobody approved straight into ' +
    'the database (rolled ' +
    'back): it must be refused.',
  every_s: hour_s,
  async run(context) {
    const wrong = await plant(deps);
    const { grants, found } = await unapprovedOf(deps, context);
    return resultOf({
      examined: grants + 1,
      wrong: [...wrong, ...found],
      met: `${grants} grants in force were each approved by others as needed; the database refused one that was not.`,
      unmet: 'rights are in force that nobody approved, or that could be made so.',
      todo:
        'End these grants at once, look in the log for what was done with them, and who could write to ' +
        'the database.',
    });
  },
});
