import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, isFault, resultOf } from '@safeguard/kernel';
import { oldestCheck_ms } from '../authenticate/authenticate.ts';
import { newToken, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import { credential, hour_s, type IdentityCheckDeps, minute_ms, most_wrong } from './deps.ts';

const insert = {
  name: 'identity.check.token-insert',
  text: `insert into identity.token (hash, kind, client, tenant, scopes, issued_at, expires_at, revoked_at)
    values ($1, 'ClientCredentials', $2, $3, $4, $5, $6, $7)`,
};
const revoke = {
  name: 'identity.check.token-revoke',
  text: 'update identity.token set revoked_at = $2 where hash = $1',
};
const remove = {
  name: 'identity.check.token-remove',
  text: 'delete from identity.token where hash = any ($1::bytea[])',
};
const counted = {
  name: 'identity.check.tokens',
  text: 'select count(*)::int as n from identity.token where revoked_at is null and expires_at > $1',
};
const orphans = {
  name: 'identity.check.token-orphans',
  text: `select t.client, t.account from identity.token t
    left join identity.client c on c.id = t.client left join identity.account a on a.id = t.account
    where t.revoked_at is null and t.expires_at > $1 and (c.id is null or c.revoked_at is not null
      or c.state <> 'approved' or (t.account is not null and (a.id is null or a.state <> 'active')))
    limit ${most_wrong}`,
};

/** Of the clients of the test tenant any one; a token of it opens next to nothing. */
async function clientOf({ identity }: IdentityCheckDeps, tenant: number): Promise<string> {
  const all = await identity.clients.list(tenant);
  const found = all.find(({ state, revoked_at }) => state === 'approved' && revoked_at === null);
  if (found !== undefined) return found.client_id;
  const wanted = { name: 'Client of the checks', tenant, scopes: ['system/Basic.r'], view: 'deidentified' } as const;
  return (await identity.clients.create(wanted)).client_id;
}

async function isTaken({ identity }: IdentityCheckDeps, token: string): Promise<boolean> {
  try {
    await identity.authenticate(credential({ authorization: `Bearer ${token}` }));
    return true;
  } catch (error) {
    if (isFault(error) && error.kind === 'unauthenticated') return false;
    throw error;
  }
}

interface Times {
  readonly expires_ms: number;
  readonly revoked: boolean;
}

async function make({ segment, clock }: IdentityCheckDeps, tenant: number, client: string, one: Times) {
  const token = newToken();
  const at = (ms: number): Date => new Date(clock.now() + ms);
  const values = [sha256(token), client, tenant, ['system/Basic.r'], at(-10 * minute_ms), at(one.expires_ms)];
  await segment.query(platform, insert, [...values, one.revoked ? at(-1_000) : null]);
  return token;
}

/** Shows tokens in each state to the running server; they are gone afterwards. */
async function tried(deps: IdentityCheckDeps, tenant: number): Promise<string[]> {
  const { segment, clock } = deps;
  const client = await clientOf(deps, tenant);
  const good = await make(deps, tenant, client, { expires_ms: minute_ms, revoked: false });
  const expired = await make(deps, tenant, client, { expires_ms: -1_000, revoked: false });
  const revoked = await make(deps, tenant, client, { expires_ms: minute_ms, revoked: true });
  try {
    const wrong: string[] = [];
    if (!(await isTaken(deps, good)))
      wrong.push('a token within its time is refused: nothing can be told of the others');
    if (await isTaken(deps, expired)) wrong.push('a token that expired a second ago is accepted');
    if (await isTaken(deps, revoked)) wrong.push('a token that is revoked is accepted');
    await segment.query(platform, revoke, [sha256(good), new Date(clock.now())]);
    await sleep(oldestCheck_ms + 50);
    if (await isTaken(deps, good)) wrong.push('a token is accepted more than a second after it was revoked elsewhere');
    return wrong;
  } finally {
    await segment.query(platform, remove, [[good, expired, revoked].map(sha256)]);
  }
}

export const tokensEnd = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.tokens-end',
  title: 'Tokens end when they must',
  query:
    'Shows the running server a token within its time, an expired one, a revoked one, and one that is ' +
    'revoked while it ' +
    'is in use: the first is taken, the others are refused, the last within a second. Looks at all ' +
    'live tokens of all ' +
    'tenants for any whose client or account has ended.',
  every_s: hour_s,
  async run({ at }) {
    const [tenant] = await deps.probe.tenants();
    const now = new Date(at);
    const [row] = await deps.segment.query<{ n: number }>(platform, counted, [now]);
    const rows = await deps.segment.query<{ client: string; account: string | null }>(platform, orphans, [now]);
    const left = rows.map(({ client, account }) =>
      account === null
        ? `a live token of client ${client}, which has ended`
        : `a live token of account ${account} and client ${client}, of which one has ended`,
    );
    const wrong = [...(await tried(deps, tenant)), ...left];
    return resultOf({
      examined: 4 + (row?.n ?? 0),
      wrong,
      met:
        `An expired and two revoked tokens were refused; none of ${row?.n ?? 0} live tokens belongs to ` +
        'what has ended.',
      unmet: 'tokens open something after their end.',
      todo:
        'Restart the server so that it forgets tokens, revoke the clients that are listed, and look why ' +
        'they were kept.',
    });
  },
});
