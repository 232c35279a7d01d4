import { type Check, resultOf } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import { day_ms, hour_s, type IdentityCheckDeps, most_wrong } from './deps.ts';
import { ownAccountId } from './own-account.ts';

/**
 * The last sign of somebody: a session, a factor, a known browser, a token that an app got for them; else when the
 * account was set up. What ends is removed a day later, but for factors (kept) and browsers (180 days).
 */
const lastSeen = `greatest(a.verified_at, a.created_at,
    (select max(s.last_used_at) from identity.session s where s.account = a.id),
    (select max(f.last_used_at) from identity.factor f where f.account = a.id),
    (select max(d.last_used_at) from identity.device d where d.account = a.id),
    (select max(t.issued_at) from identity.token t where t.account = a.id))`;
const whose = `from identity.account a where a.state = 'active' and a.id is distinct from $1`;
const counted = { name: 'identity.check.active-count', text: `select count(*)::int as n ${whose}` };
const silent = {
  name: 'identity.check.inactive',
  text: `select a.id, a.tenant, floor(extract(epoch from $3::timestamptz - ${lastSeen}) / 86400)::int as days ${whose}
    and ${lastSeen} < $2 order by a.tenant, a.number limit ${most_wrong}`,
};

interface Silent extends Record<string, unknown> {
  readonly id: string;
  readonly tenant: number;
  readonly days: number;
}

export const inactiveAccounts = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.inactive-accounts',
  title: 'Accounts that nobody uses are closed',
  query:
    'Looks at every active account of every tenant for its last sign-in (sessions, factors, known ' +
    'browsers, tokens of ' +
    'apps), or when it was set up: at most `signin.inactive_days` ago.',
  every_s: 24 * hour_s,
  async run({ at, number }) {
    const days = number('signin.inactive_days');
    const own = (await ownAccountId(deps)) ?? null;
    const [row] = await deps.segment.query<{ n: number }>(platform, counted, [own]);
    const values = [own, new Date(at - days * day_ms), new Date(at)];
    const rows = await deps.segment.query<Silent>(platform, silent, values);
    return resultOf({
      examined: row?.n ?? 0,
      wrong: rows.map((one) => `account ${one.id} of tenant ${one.tenant}: no sign-in for ${one.days} days`),
      met: `Each of ${row?.n ?? 0} active accounts was used, or set up, within ${days} days.`,
      unmet: `active accounts were not used for more than ${days} days.`,
      todo: 'Ask whether these people still work here; suspend or terminate the accounts that nobody needs.',
    });
  },
});
