import { type Check, type CheckContext, resultOf } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { clock_days, extension_days } from '../rights.ts';
import type { RightKind } from '../types.ts';

/** What the check of rights works with; the composition root fills it. */
export interface RightsCheckDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** All tenants. */
  readonly tenants: () => Promise<readonly number[]>;
}

const hour_s = 3_600;
const day_ms = 86_400_000;
const most_wrong = 100;

/** Open ones, and those that were closed after their day within a year: these are told, and can be mended no more. */
const counted = {
  name: 'rights.check.requests',
  text: `select count(*) filter (where state = 'open')::int as open,
    count(*) filter (where closed_at > due_at and closed_at > $2)::int as late from rights.request where tenant = $1`,
};
const late = {
  name: 'rights.check.late',
  text: `select id, kind, due_at from rights.request where tenant = $1 and state = 'open' and due_at < $2
    order by due_at limit ${most_wrong}`,
};
/** A clock that was set to run for longer than it may: by kind the days, and those of an extension. */
const long = {
  name: 'rights.check.long',
  text: `select id, kind from rights.request where tenant = $1 and state = 'open'
    and due_at > asked_at + make_interval(days => (case kind when 'amendment' then $3::int else $2::int end)
      + (case when extended_at is null then 0 else $4::int end)) + interval '1 hour'
    order by due_at limit ${most_wrong}`,
};

interface Late extends Record<string, unknown> {
  readonly id: string;
  readonly kind: RightKind;
  readonly due_at: Date;
}

const parameterOf: Readonly<Record<RightKind, string>> = {
  export: 'rights.access_days',
  amendment: 'rights.amendment_days',
  objection: 'rights.access_days',
};

/** The clocks that the program sets, held against the parameters. */
function clocksOf({ number }: CheckContext): string[] {
  const kinds = Object.keys(clock_days) as RightKind[];
  return [
    ...kinds
      .filter((kind) => clock_days[kind] > number(parameterOf[kind]))
      .map(
        (kind) => `the clock of a request (${kind}) runs ${clock_days[kind]} days, not ${number(parameterOf[kind])}`,
      ),
    ...(extension_days > number('rights.extension_days')
      ? [`an extension is ${extension_days} days, not ${number('rights.extension_days')}`]
      : []),
  ];
}

async function lateOf({ segment }: RightsCheckDeps, tenant: number, { at, number }: CheckContext) {
  const yearAgo = new Date(at - 365 * day_ms);
  const [row] = await segment.query<{ open: number; late: number }>(tenant, counted, [tenant, yearAgo]);
  const rows = await segment.query<Late>(tenant, late, [tenant, new Date(at)]);
  const days = ['rights.access_days', 'rights.amendment_days', 'rights.extension_days'].map(number);
  const longer = await segment.query<Late>(tenant, long, [tenant, ...days]);
  return {
    open: row?.open ?? 0,
    late: row?.late ?? 0,
    wrong: [
      ...rows.map(({ id, kind, due_at }) => {
        const over = Math.ceil((at - due_at.getTime()) / day_ms);
        return `request ${id} (${kind}) of tenant ${tenant} is ${over} days late`;
      }),
      ...longer.map(({ id, kind }) => `request ${id} (${kind}) of tenant ${tenant} has a day that is too far off`),
    ],
  };
}

const clocks = (deps: RightsCheckDeps): Check => ({
  id: 'rights.clocks',
  title: 'What patients ask for is answered in time',
  query:
    'Looks at every open request of every tenant: whether it is past its day, or has a day that is ' +
    'too far off; and at ' +
    'the clocks that the program sets (`rights.access_days`, `rights.amendment_days`, ' +
    '`rights.extension_days`). Counts ' +
    'those that were answered late within a year.',
  every_s: hour_s,
  async run(context) {
    const tenants = await deps.tenants();
    const wrong = clocksOf(context);
    let [requests, answeredLate] = [0, 0];
    for (const tenant of tenants) {
      context.signal.throwIfAborted();
      const found = await lateOf(deps, tenant, context);
      requests += found.open;
      answeredLate += found.late;
      wrong.push(...found.wrong);
    }
    return resultOf({
      examined: tenants.length + requests,
      wrong,
      met:
        `None of ${requests} open requests in ${tenants.length} tenants is late; ${answeredLate} were ` +
        'answered late within a year.',
      unmet: 'requests of patients are past their day (45 CFR 164.524(b)(2), 164.526(b)(2)).',
      todo: 'Answer the requests that are listed (Rights), or tell the patient why it takes longer before the day.',
    });
  },
});

/** What rights prove of themselves while they run. */
export const rightsChecks = (deps: RightsCheckDeps): Check[] => [clocks(deps)];
