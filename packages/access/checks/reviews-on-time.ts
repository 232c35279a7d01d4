import { type Check, type CheckContext, resultOf } from '@safeguard/kernel';
import { settingOf } from '../reviews/settings.ts';
import { type AccessCheckDeps, day_ms, eachTenant, hour_s, most_wrong } from './deps.ts';

/** A campaign starts by itself within a day. */
const slack_ms = day_ms;

const last = {
  name: 'access.check.last-review',
  text: `select (select max(r.started_at) from access.review r where r.tenant = $1) as started,
    (select min(g.from_at) from access.grant g
      where g.tenant = $1 and g.ended_at is null and g.from_at <= $2 and g.until_at > $2) as oldest`,
};
/** What nobody kept is over by the time of the campaign: if it is not, the campaign did nothing. */
const outlived = {
  name: 'access.check.outlived-review',
  text: `select i.grant_id from access.review_item i
    join access.review r on r.id = i.review and r.tenant = i.tenant
    join access.grant g on g.id = i.grant_id and g.tenant = i.tenant
    where i.tenant = $1 and i.verdict is null and r.due_at < $2 and g.ended_at is null and g.until_at > $2
    order by 1 limit ${most_wrong}`,
};

interface Last extends Record<string, unknown> {
  readonly started: Date | null;
  readonly oldest: Date | null;
}

async function lateOf({ segment }: AccessCheckDeps, { at, number }: CheckContext, tenant: number): Promise<string[]> {
  const wrong: string[] = [];
  const setting = await settingOf(segment, tenant);
  for (const [name, days] of [
    ['review_days', setting.review_days],
    ['answer_days', setting.answer_days],
  ] as const) {
    const most = number(`access.${name === 'answer_days' ? 'review_answer_days' : name}`);
    if (days > most) wrong.push(`tenant ${tenant} has set ${name} to ${days}, and ${most} is the most`);
  }
  const [row] = await segment.query<Last>(tenant, last, [tenant, new Date(at)]);
  const since = row?.oldest === null ? undefined : (row?.started ?? row?.oldest)?.getTime();
  const due = since === undefined ? at : since + number('access.review_days') * day_ms + slack_ms;
  if (due < at)
    wrong.push(`tenant ${tenant}: the review of its grants is overdue by ${Math.ceil((at - due) / day_ms)} days`);
  const rows = await segment.query<{ grant_id: string }>(tenant, outlived, [tenant, new Date(at)]);
  return [
    ...wrong,
    ...rows.map(({ grant_id }) => `grant ${grant_id} of tenant ${tenant} outlived its review undecided`),
  ];
}

export const reviewsOnTime = (deps: AccessCheckDeps): Check => ({
  id: 'access.reviews-on-time',
  title: 'Rights are reviewed in time',
  query:
    'Looks at each tenant for its last review of grants (`access.review_days` since it, or since the ' +
    'oldest grant), for ' +
    'its settings, and for grants that nobody kept in a review and that are in force all the same.',
  every_s: 6 * hour_s,
  async run(context) {
    const { tenants, found } = await eachTenant(deps, context, (tenant) => lateOf(deps, context, tenant));
    return resultOf({
      examined: tenants,
      wrong: found,
      met: `Each of ${tenants} tenants reviews its grants in time, and nothing outlived a review that did not keep it.`,
      unmet: 'reviews of access are late, too seldom, or without effect.',
      todo: 'Start the review now (Access, Reviews) and decide each right; set review_days to at most the parameter.',
    });
  },
});
