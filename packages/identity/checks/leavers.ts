import { type Check, resultOf } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import { hour_s, type IdentityCheckDeps, minute_ms, most_wrong } from './deps.ts';

const counted = {
  name: 'identity.check.left-count',
  text: `select count(*)::int as people, count(*) filter (where state = 'terminated')::int as left
    from identity.account`,
};
const ended = `join identity.account a on a.id = x.account and a.tenant = x.tenant and a.state = 'terminated'`;
const alive = (name: string, text: string) => ({
  name: `identity.check.left-${name}`,
  text: `${text} limit ${most_wrong}`,
});

/** What opens something, or leads to it, and belongs to somebody who left. */
const ways = [
  {
    what: 'an open session',
    ...alive('session', `select x.account from identity.session x ${ended} where x.ended_at is null`),
  },
  {
    what: 'an access token that is not revoked',
    ...alive(
      'token',
      `select x.account from identity.token x ${ended} where x.revoked_at is null and x.expires_at > $1`,
    ),
  },
  {
    what: 'an authorization of an app',
    ...alive(
      'oidc',
      `select x.account from identity.oidc x ${ended} where x.consumed_at is null and x.expires_at > $1`,
    ),
  },
  {
    what: 'a one-time link',
    ...alive(
      'link',
      `select x.account from identity.link x ${ended}
        where x.used_at is null and x.ended_at is null and x.expires_at > $1`,
    ),
  },
  { what: 'a password', ...alive('password', `select x.account from identity.password x ${ended}`) },
  { what: 'a second factor', ...alive('factor', `select x.account from identity.factor x ${ended}`) },
];

/** How long it took: sessions that ended later than they had to, accounts that the directory ended and we did not. */
const late = {
  name: 'identity.check.left-late',
  text: `select x.account from identity.session x ${ended} where x.ended_at > a.ended_at + make_interval(secs => $1)
    union select x.account from identity.scim_user x join identity.account a on a.id = x.account and a.tenant = x.tenant
      where x.inactive and a.state = 'active' and x.changed_at < $2
    limit ${most_wrong}`,
};
const leftOf = {
  name: 'identity.check.left-of',
  text: `select id from identity.account where tenant = $1 and state = 'terminated' order by ended_at desc limit 5000`,
};

interface Account extends Record<string, unknown> {
  readonly account: string;
}

async function waysLeft({ segment }: IdentityCheckDeps, at: number): Promise<string[]> {
  const wrong: string[] = [];
  for (const { what, name, text } of ways) {
    const values = text.includes('$1') ? [new Date(at)] : [];
    const rows = await segment.query<Account>(platform, { name, text }, values);
    wrong.push(...rows.map(({ account }) => `account ${account} is terminated and has ${what}`));
  }
  return wrong;
}

async function grantsLeft({ segment, identity, holdersAmong }: IdentityCheckDeps): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id: tenant } of await identity.tenants.list()) {
    const left = await segment.query<{ id: string }>(tenant, leftOf, [tenant]);
    if (left.length === 0) continue;
    const ids = await holdersAmong(
      tenant,
      left.map(({ id }) => id),
    );
    wrong.push(...ids.map((id) => `account ${id} is terminated and holds a grant that is in force`));
  }
  return wrong;
}

export const leavers = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.leavers',
  title: 'Who leaves has nothing left',
  query:
    'Looks at every terminated account of every tenant for open sessions, tokens, authorizations of apps, links, ' +
    'factors and grants in force, and how long after the end (of the account, or in the directory) they ended ' +
    '(`access.leaver_minutes`).',
  every_s: hour_s,
  async run({ at, number }) {
    const { segment } = deps;
    const allowed_ms = number('access.leaver_minutes') * minute_ms;
    const [row] = await segment.query<{ people: number; left: number }>(platform, counted);
    const { people = 0, left = 0 } = row ?? {};
    const tooLate = await segment.query<Account>(platform, late, [allowed_ms / 1_000, new Date(at - allowed_ms)]);
    return resultOf({
      examined: people,
      wrong: [
        ...(await waysLeft(deps, at)),
        ...(await grantsLeft(deps)),
        ...tooLate.map(
          ({ account }) => `access of account ${account} ended later than it had to, or has not ended yet`,
        ),
      ],
      met: `Of ${people} accounts ${left} are terminated; nothing of them opens anything, and all of it ended in time.`,
      unmet: 'people who left can still get in, or could for too long.',
      todo: 'Terminate these accounts once more, end what is listed, and look in the log for what was done with it.',
    });
  },
});
