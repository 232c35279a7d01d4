import { type Check, isUuid, resultOf } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import { hour_s, type IdentityCheckDeps, most_wrong, type NamedActor } from './deps.ts';

const counted = { name: 'identity.check.accounts', text: 'select count(*)::int as n from identity.account' };
const limited = `order by 1 limit ${most_wrong}`;
/** What two people share, by the words for it. Logins of those who left are in `account_login` for good. */
const shared = [
  {
    why: 'its login is that of another account',
    name: 'identity.check.shared-login',
    text: `select a.id from identity.account a where exists (select from identity.account b
      where b.tenant = a.tenant and b.login_token = a.login_token and b.id <> a.id) ${limited}`,
  },
  {
    why: 'its login belonged to another account before, or is not kept for it',
    name: 'identity.check.login-again',
    text: `select a.id from identity.account a where not exists (select from identity.account_login l
        where l.tenant = a.tenant and l.token = a.login_token and l.account = a.id)
      or exists (select from identity.account_login l
        where l.tenant = a.tenant and l.token = a.login_token and l.account <> a.id) ${limited}`,
  },
  {
    why: "its identity at the tenant's provider is also another account's",
    name: 'identity.check.shared-subject',
    text: `select i.account as id from identity.federation_identity i where exists (
      select from identity.federation_identity j where j.provider = i.provider
        and j.subject_token = i.subject_token and j.account <> i.account) ${limited}`,
  },
  {
    why: "its id in the tenant's directory is also another account's",
    name: 'identity.check.shared-external',
    text: `select s.account as id from identity.scim_user s where s.external_token is not null and exists (
      select from identity.scim_user t where t.tenant = s.tenant and t.external_token = s.external_token
        and t.account <> s.account) ${limited}`,
  },
];

const knownIds = {
  name: 'identity.check.known-ids',
  text: `select id from identity.account where tenant = $1 and id = any ($2::uuid[])
    union select id from identity.client where tenant = $1 and id = any ($2::uuid[])`,
};

/** Fixed words of ours: nobody's name. */
const words: ReadonlySet<string> = new Set(['anonymous', 'operator', 'care', 'service', 'programme']);
/** Of each tenant; and so many tenants, the first ones and then others each time. */
const [entries_each, tenants_most] = [100, 25];

async function strangers({ segment, newestActors }: IdentityCheckDeps, tenant: number) {
  const entries: readonly NamedActor[] = await newestActors(tenant, entries_each);
  const ids = [...new Set(entries.map(({ actor }) => actor))].filter(isUuid);
  const found = await segment.query<{ id: string }>(platform, knownIds, [tenant, ids]);
  const known = new Set(found.map(({ id }) => id));
  const odd = entries.filter(({ actor }) => !known.has(actor) && !words.has(actor));
  const wrong = odd.map(({ id }) => `entry ${id} of the log of tenant ${tenant} names an actor that nobody is`);
  return { examined: entries.length, wrong };
}

/** As many tenants as one run looks at: round and round, by the hour. */
function turn(tenants: readonly number[], at: number): readonly number[] {
  if (tenants.length <= tenants_most) return tenants;
  const start = (Math.floor(at / (hour_s * 1000)) * tenants_most) % tenants.length;
  return [...tenants, ...tenants].slice(start, start + tenants_most);
}

export const uniqueIds = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.unique-ids',
  title: 'Everybody has an identity of their own, for good',
  query:
    'Looks for logins, identities at providers and ids in directories that two accounts share or that ' +
    'come again after ' +
    `their owner left; and whether the actors of the newest ${entries_each} entries of each log (${tenants_most} ` +
    'tenants a run) are each one account, one client, or the operator.',
  every_s: hour_s,
  async run({ at }) {
    const { segment, identity } = deps;
    const [row] = await segment.query<{ n: number }>(platform, counted);
    const wrong: string[] = [];
    for (const { why, name, text } of shared) {
      const rows = await segment.query<{ id: string }>(platform, { name, text });
      wrong.push(...rows.map(({ id }) => `account ${id}: ${why}`));
    }
    let entries = 0;
    for (const tenant of turn(
      (await identity.tenants.list()).map(({ id }) => id),
      at,
    )) {
      const found = await strangers(deps, tenant);
      entries += found.examined;
      wrong.push(...found.wrong);
    }
    return resultOf({
      examined: (row?.n ?? 0) + entries,
      wrong,
      met:
        `${row?.n ?? 0} accounts share nothing with each other, and ${entries} entries of the log name ` +
        'one of them each.',
      unmet: 'accounts share an identity, or entries of the log name nobody that is known.',
      todo: 'Find out who acted under the shared identity, give each person their own, and report it as an incident.',
    });
  },
});
