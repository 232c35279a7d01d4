import { type Check, type CheckContext, newId, resultOf } from '@safeguard/kernel';
import { afterWorkingDays } from '../break-glass/working-days.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';
import { emergencyRole } from '../requests/role.ts';
import { type AccessCheckDeps, eachTenant, hour_s, most_wrong, policiesInForce } from './deps.ts';
import { madeUp, rowOf, standing } from './drill.ts';

const minute_ms = 60_000;

const counted = {
  name: 'access.check.emergencies',
  text: 'select count(*)::int as n from access.break_glass where tenant = $1',
};
const uses = {
  name: 'access.check.emergency-uses',
  text: `select g.id, g.from_at, g.until_at, b.review_by, b.reviewed_at is null as open from access.break_glass b
    join access.grant g on g.id = b.grant_id and g.tenant = b.tenant where b.tenant = $1
      and ((b.reviewed_at is null and b.review_by < $2) or g.until_at > g.from_at + make_interval(mins => $3)
        or b.reviewed_at is null)
    order by g.number limit ${most_wrong}`,
};
interface Use extends Record<string, unknown> {
  readonly id: string;
  readonly from_at: Date;
  readonly until_at: Date;
  readonly review_by: Date;
  readonly open: boolean;
}

/** What is wrong with a use of the emergency access; undefined: nothing. */
function wrongOf({ from_at, until_at, review_by, open }: Use, { at, number }: CheckContext): string | undefined {
  const from = from_at.getTime();
  const most_ms = number('access.break_glass_minutes') * minute_ms;
  const due = afterWorkingDays(from, number('access.break_glass_review_working_days'));
  if (until_at.getTime() - from > most_ms) return 'was open for longer than an emergency may be';
  if (open && Math.min(review_by.getTime(), due) < at) return 'was not reviewed in time';
  return undefined;
}

/** Whether the emergency way opens one record, for its time, and nothing else. */
function drill({ access }: AccessCheckDeps, policy: CompiledPolicy, { at, number }: CheckContext): string[] {
  const [patient, other] = [newId(), newId()];
  const until = at + number('access.break_glass_minutes') * minute_ms;
  const holding = { role: emergencyRole, kind: 'break-glass', patients: [patient], until } as const;
  const principal = madeUp('user', at);
  const may = (moment: number, of: string): boolean =>
    access.decide(standing(principal, policy, { at: moment, holdings: [holding] }), 'read', {
      type: 'Observation',
      row: rowOf('Observation', of),
    }).permit;
  return [
    ...(may(at, patient) ? [] : ['the emergency way does not open the record that it was opened for']),
    ...(may(until, patient) ? ['the emergency way is still open when its time is over'] : []),
    ...(may(at, other) ? ['the emergency way opens the record of another patient'] : []),
  ];
}

export const breakGlass = (deps: AccessCheckDeps): Check => ({
  id: 'access.break-glass',
  title: 'The emergency way works, ends, and is looked at afterwards',
  query:
    'Decides for a drill under each policy in force: an emergency opens one record at once, not another one, and not ' +
    'after its time. Looks at every use of every tenant for its length and its review ' +
    '(`access.break_glass_minutes`, `access.break_glass_review_working_days`).',
  every_s: hour_s,
  async run(context) {
    const policies = await policiesInForce(deps, context);
    const drilled = policies.flatMap(({ tenant, policy }) =>
      drill(deps, policy, context).map((one) => `tenant ${tenant}: ${one}`),
    );
    let used = 0;
    const { found } = await eachTenant(deps, context, async (tenant) => {
      const [row] = await deps.segment.query<{ n: number }>(tenant, counted, [tenant]);
      used += row?.n ?? 0;
      const minutes = context.number('access.break_glass_minutes');
      const rows = await deps.segment.query<Use>(tenant, uses, [tenant, new Date(context.at), minutes]);
      return rows.flatMap((one) => {
        const why = wrongOf(one, context);
        return why === undefined ? [] : [`emergency ${one.id} of tenant ${tenant} ${why}`];
      });
    });
    return resultOf({
      examined: 3 * policies.length + used,
      wrong: [...drilled, ...found],
      met:
        `The emergency way opens one record and closes in time under each policy; ${used} uses were ` +
        'short and reviewed.',
      unmet: 'the emergency way does not work, does not end, or its uses were not looked at.',
      todo: 'Have an officer review the uses that are listed (Access, Emergencies); put the rule for emergencies back.',
    });
  },
});
