import type { Instance } from '../harness/instance.ts';
import { postTo } from '../harness/oauth-app.ts';
import { checkVerifies } from './check.ts';
import { withDatabase } from './database.ts';
import type { Entry } from './entries.ts';
import { type IdentityJournal, use } from './identity-load.ts';

/** A promise that was not kept, in one of few fixed words. */
export interface IdentityBreach {
  readonly kind:
    | 'worked twice'
    | 'half an account'
    | 'session of nobody'
    | 'half a client'
    | 'answer without entry'
    | 'acknowledged, and lost'
    | 'log does not verify'
    | 'does not serve'
    | 'odd answer';
  readonly text: string;
}

/** What must hold of the rows, whatever was cut short: each query finds nothing. */
const rules: readonly (readonly [IdentityBreach['kind'], string, string])[] = [
  [
    'half an account',
    'active without a second factor',
    `select id from identity.account a where state = 'active' and not external and not exists
      (select from identity.factor f where f.account = a.id and f.confirmed_at is not null)`,
  ],
  [
    'half an account',
    'active without a password',
    `select id from identity.account a where state = 'active' and not external and not exists
      (select from identity.password p where p.account = a.id)`,
  ],
  [
    'half an account',
    'active without its ten recovery codes',
    `select id from identity.account a where state = 'active' and not external and
      (select count(*) from identity.recovery_code r where r.account = a.id) <> 10`,
  ],
  [
    'half an account',
    'invited, with something to sign in with',
    `select id from identity.account a where state = 'invited' and (
      exists (select from identity.password p where p.account = a.id)
      or exists (select from identity.factor f where f.account = a.id)
      or exists (select from identity.recovery_code r where r.account = a.id)
      or exists (select from identity.session s where s.account = a.id))`,
  ],
  [
    'half an account',
    'a link that was used, and nobody by it',
    `select l.id from identity.link l where used_at is not null and not exists
      (select from identity.account a where a.tenant = l.tenant and a.state = 'active'
        and (a.id = l.account or (l.account is null and 'administrator' = any (a.roles))))`,
  ],
  [
    'half an account',
    'set up, and its link is open still',
    `select l.id from identity.link l join identity.account a on a.id = l.account
      where a.state = 'active' and l.purpose = 'invitation' and l.used_at is null and l.ended_at is null`,
  ],
  [
    'session of nobody',
    'open, of an account that is not active',
    `select s.id from identity.session s join identity.account a on a.id = s.account
      where s.ended_at is null and a.state <> 'active'`,
  ],
  [
    'half a client',
    'without the secret that it needs',
    `select id from identity.client c where auth_method like 'client_secret%' and not exists
      (select from identity.client_secret s where s.client = c.id)`,
  ],
];

export function checkIdentityRows(data: string): Promise<IdentityBreach[]> {
  return withDatabase(data, 'identity', async (client) => {
    const breaches: IdentityBreach[] = [];
    for (const [kind, what, text] of rules) {
      const { rows } = await client.query<{ id: string }>(text);
      breaches.push(...rows.map(({ id }) => ({ kind, text: `${what}: ${id}` })));
    }
    return breaches;
  });
}

/** Everything that works once is tried again, twice: it must have worked once at most. */
export async function checkOnce(instance: Instance, { once }: IdentityJournal): Promise<IdentityBreach[]> {
  const things = [...once.values()];
  once.clear();
  await Promise.all(
    things.map(async (thing) => {
      await use(instance, thing);
      await use(instance, thing);
    }),
  );
  return things
    .filter(({ successes }) => successes > 1)
    .map(({ sort, successes }) => ({ kind: 'worked twice', text: `a ${sort} worked ${successes} times` }));
}

/** What was answered is there: accounts that can sign in, clients that can prove themselves. */
export async function checkKept(instance: Instance, data: string, journal: IdentityJournal): Promise<IdentityBreach[]> {
  const ids = journal.people.map(({ id }) => id);
  const active = await withDatabase(data, 'identity', async (client) => {
    const text = `select id from identity.account where state = 'active' and id = any ($1)`;
    return new Set((await client.query<{ id: string }>(text, [ids])).rows.map(({ id }) => id));
  });
  const lost = ids.filter((id) => !active.has(id)).map((id) => `account ${id}`);
  for (const client of journal.clients.splice(0)) {
    const answer = await postTo(instance, '/oauth2/token', client, { grant_type: 'client_credentials' });
    if (answer.status !== 200) lost.push(`client ${client.client_id}: ${answer.status}`);
  }
  return lost.map((text) => ({ kind: 'acknowledged, and lost', text }));
}

/** Every answer that came, tokens among them, has its one entry. */
export function checkAnswered(entries: readonly Entry[], { answered }: IdentityJournal): IdentityBreach[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry.status]));
  return [...answered].flatMap(([id, { what, status }]): IdentityBreach[] => {
    if (byId.get(id) === status || /^GET \/(readyz|healthz|metrics)/.test(what)) return [];
    return [{ kind: 'answer without entry', text: `${what} was answered ${status}; its entry: ${byId.get(id)}` }];
  });
}

export const checkLog = async (instance: Instance): Promise<IdentityBreach[]> =>
  (await checkVerifies(instance)).map(({ text }) => ({ kind: 'log does not verify', text }));
