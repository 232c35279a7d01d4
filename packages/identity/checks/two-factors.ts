import { type Check, resultOf } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import { hour_s, type IdentityCheckDeps, most_wrong } from './deps.ts';
import { ownAccountId } from './own-account.ts';

const counted = {
  name: 'identity.check.counted',
  text: `select
    (select count(*)::int from identity.account where state = 'active' and id is distinct from $1) as people,
    (select count(*)::int from identity.session where ended_at is null) as sessions`,
};
/** An external account gets its second factor at its first sign-in, unless its provider vouches for two. */
const single = {
  name: 'identity.check.single-factor',
  text: `select a.id, a.tenant, a.external from identity.account a
    where a.state = 'active' and a.id is distinct from $1
      and not exists (select from identity.factor f where f.account = a.id and f.confirmed_at is not null)
      and (not a.external
        or exists (select from identity.session s where s.account = a.id and s.ended_at is null)
        or exists (select from identity.device d where d.account = a.id))
    order by a.tenant, a.number limit ${most_wrong}`,
};
const links = {
  name: 'identity.check.provider-of',
  text: 'select provider from identity.federation_identity where account = $1',
};
const weakSessions = {
  name: 'identity.check.weak-sessions',
  text: `select id from identity.session where ended_at is null and level < 2 limit ${most_wrong}`,
};

interface Single extends Record<string, unknown> {
  readonly id: string;
  readonly tenant: number;
  readonly external: boolean;
}

/** Whether single sign-on shows two factors for this account, by a provider that its tenant trusts for two. */
async function isVouchedFor({ segment, identity }: IdentityCheckDeps, { id, tenant }: Single): Promise<boolean> {
  const linked = await segment.query<{ provider: string }>(platform, links, [id]);
  const providers = await identity.providers.list(tenant);
  return providers.some(
    ({ id: provider, enabled, settings: { trusted_acr, trusted_amr } }) =>
      enabled && trusted_acr.length + trusted_amr.length > 0 && linked.some((one) => one.provider === provider),
  );
}

export const twoFactors = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.two-factors',
  title: 'Everybody signs in with two factors',
  query:
    'Looks at every active account of every tenant for a confirmed second factor (or single sign-on that is trusted ' +
    'for two), and at every open session for its level of assurance.',
  every_s: hour_s,
  async run() {
    const { segment } = deps;
    const own = (await ownAccountId(deps)) ?? null;
    const [row] = await segment.query<{ people: number; sessions: number }>(platform, counted, [own]);
    const { people = 0, sessions = 0 } = row ?? {};
    const wrong: string[] = [];
    for (const one of await segment.query<Single>(platform, single, [own])) {
      if (one.external && (await isVouchedFor(deps, one))) continue;
      wrong.push(`account ${one.id} of tenant ${one.tenant} has no second factor`);
    }
    for (const { id } of await segment.query<{ id: string }>(platform, weakSessions)) {
      wrong.push(`session ${id} was opened with a single factor`);
    }
    return resultOf({
      examined: people + sessions,
      wrong,
      met: `${people} active accounts have a second factor, and ${sessions} open sessions were opened with two.`,
      unmet: 'active accounts or open sessions rest on a single factor.',
      todo:
        'Suspend these accounts, end these sessions, and have each person set up a second factor by a ' +
        'recovery link.',
    });
  },
});
