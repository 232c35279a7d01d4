import { type Check, type CheckContext, resultOf } from '@safeguard/kernel';
import { createSessions } from '../sessions/sessions.ts';
import { sessionCookie } from '../sessions/types.ts';
import { platform } from '../tenants.ts';
import { credential, hour_s, type IdentityCheckDeps, minute_ms, most_wrong } from './deps.ts';
import { withOwnAccount } from './own-account.ts';

const agent = 'Mozilla/5.0 (X11; Linux x86_64) Safeguard checks';

/** Sessions end when they are used or swept (each minute); a use is written down at most a minute late. */
const slack_ms = 10 * minute_ms;
const stale = {
  name: 'identity.check.stale-sessions',
  text: `select id from identity.session where ended_at is null and (last_used_at < $1 or created_at < $2)
    order by last_used_at limit ${most_wrong}`,
};
const counted = {
  name: 'identity.check.open-sessions',
  text: 'select count(*)::int as n from identity.session where ended_at is null',
};
const used = {
  name: 'identity.check.session-used',
  text: 'update identity.session set last_used_at = $2 where id = $1',
};

interface Try {
  readonly what: string;
  /** How long ago it was opened, and last used. */
  readonly opened_ms: number;
  readonly used_ms: number;
  readonly taken: boolean;
}

const triesOf = (idle_ms: number, absolute_ms: number): readonly Try[] => [
  {
    what: 'not used for a second more than it may be',
    opened_ms: idle_ms + 1_000,
    used_ms: idle_ms + 1_000,
    taken: false,
  },
  {
    what: 'used a minute ago, and older than it may be',
    opened_ms: absolute_ms + 1_000,
    used_ms: minute_ms,
    taken: false,
  },
  { what: 'used two minutes ago', opened_ms: 2 * minute_ms, used_ms: 2 * minute_ms, taken: true },
];

/** A session as the real code opens it, as long ago as is wanted; then shown to the server that runs. */
async function tryOne(deps: IdentityCheckDeps, tenant: number, account: string, one: Try): Promise<string[]> {
  const { clock, identity, segment } = deps;
  const then = { now: () => clock.now() - one.opened_ms };
  const { open } = createSessions({ ...deps, clock: then, settings: { idle_s: 1, absolute_s: 1 } });
  const methods = ['pwd', 'otp', 'mfa'] as const;
  const { secret, id } = await open({ tenant, account, level: 2, methods, remote: '127.0.0.1', agent });
  await segment.query(platform, used, [id, new Date(clock.now() - one.used_ms)]);
  const principal = await identity.signedIn(credential({ cookie: `${sessionCookie}=${secret}`, agent }));
  const taken = principal?.session === id;
  if (taken === one.taken) return [];
  return [`a session that was ${one.what}: ${taken ? 'still accepted' : 'refused, though it is within its time'}`];
}

async function staleOnes({ segment }: IdentityCheckDeps, { at, number }: CheckContext) {
  const idle_ms = number('sessions.idle_minutes') * minute_ms;
  const absolute_ms = number('sessions.absolute_hours') * 60 * minute_ms;
  const before = [at - idle_ms - slack_ms, at - absolute_ms - slack_ms].map((time) => new Date(time));
  const [row] = await segment.query<{ n: number }>(platform, counted);
  const rows = await segment.query<{ id: string }>(platform, stale, before);
  return { open: row?.n ?? 0, wrong: rows.map(({ id }) => `session ${id} is open past its time`) };
}

export const idleLogoff = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.idle-logoff',
  title: 'Who is idle is signed out',
  query:
    'Opens three sessions of an account of the checks in the past and shows each to the running server: one beyond ' +
    '`sessions.idle_minutes` and one beyond `sessions.absolute_hours` must be refused, one within ' +
    'both taken. Looks at ' +
    'all open sessions for any that are past their time.',
  every_s: hour_s,
  async run(context) {
    const { open, wrong } = await staleOnes(deps, context);
    const idle_ms = context.number('sessions.idle_minutes') * minute_ms;
    const absolute_ms = context.number('sessions.absolute_hours') * 60 * minute_ms;
    const tries = triesOf(idle_ms, absolute_ms);
    await withOwnAccount(deps, async (tenant, account) => {
      for (const one of tries) wrong.push(...(await tryOne(deps, tenant, account, one)));
    });
    return resultOf({
      examined: open + tries.length,
      wrong,
      met:
        `An idle and an old session were refused, a fresh one was taken; none of ${open} open sessions ` +
        'is past its time.',
      unmet: 'sessions outlive the idle or the absolute limit, or end before them.',
      todo: 'Set sessions.idle_s and sessions.absolute_s of the server to the parameters, and see that the sweep runs.',
    });
  },
});
