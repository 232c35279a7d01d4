import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import fc from 'fast-check';
import { day_ms, hour_ms, start, startWorld, type World, why } from '../grants/world.ts';
import { createReplica } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

const roles = ['clinician', 'billing', 'case-worker', 'administrator', 'debugger'] as const;
const patient = '6f1c1b1e-3f64-4b6e-9d3e-0f7a5f6f8a11';

type Step =
  | { readonly do: 'grant'; readonly who: number; readonly role: (typeof roles)[number]; readonly from: number }
  | { readonly do: 'end'; readonly which: number }
  | { readonly do: 'leave'; readonly who: number }
  | { readonly do: 'look' | 'settle' }
  | { readonly do: 'wait'; readonly hours: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('grant' as const),
      who: fc.nat(3),
      role: fc.constantFrom(...roles),
      from: fc.nat(30),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('look' as const, 'settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
);

let tenant = 0;

const blindSegment = (): Segment => ({
  ...world.segment,
  query: async (...given) => (await world.segment.query(...given)).filter((row) => row['ended'] !== true) as never,
});

interface Game {
  readonly chiefs: readonly string[];
  readonly people: readonly string[];
  readonly replica: ReturnType<typeof createReplica>;
}

const as = (id = '') => world.person(id, { tenant });
let granted = 0;

async function grant({ chiefs }: Game, account: string, role: string, from: number): Promise<void> {
  const isElevation = role === 'debugger';
  const begin = isElevation || from === 0 ? {} : { from: world.time.now + from * hour_ms };
  const until = world.time.now + (isElevation ? 4 : 40) * hour_ms;
  const patients = role === 'case-worker' ? { patients: [patient] } : {};
  const wanted = { account, role, reason: why, until, ...begin, ...patients };
  const { requests } = world;
  try {
    const asked = await (isElevation ? requests.elevate(as(account), wanted) : requests.ask(as(account), wanted));
    for (const chief of chiefs.slice(0, asked.needed)) await requests.decide(as(chief), asked.id, 'approve');
    granted += 1;
  } catch (error) {
    // A grant that stands already, a leaver: what is refused changes nothing.
    if (!isFault(error) || error.kind !== 'conflict') throw error;
  }
}

async function end({ chiefs }: Game, which: number): Promise<void> {
  const rows = await world.grants.list(tenant);
  const chosen = rows[which % Math.max(rows.length, 1)];
  if (chosen !== undefined) await world.grants.end(tenant, chosen.id, chiefs[0] ?? '', 'ended');
}

/** A second later memory is the table. */
async function look({ people, replica }: Game): Promise<void> {
  replica.age.ms += 1_001;
  const rows = await world.grants.list(tenant, { count: 200 });
  const { each } = await replica.standing.holdersOf(tenant);
  const memory = [...each()].flatMap(([account, held]) => held.map((one) => `${account} ${one.grant}`));
  assert.deepEqual(memory.sort(), rows.map(({ account, id }) => `${account} ${id}`).sort());
  for (const account of people) {
    const { holdings } = await replica.open(as(account));
    const own = rows.filter((one) => one.account === account).map(({ id }) => id);
    assert.deepEqual(holdings.map((one) => one.grant ?? '').sort(), own.sort());
  }
}

async function take(game: Game, one: Step): Promise<unknown> {
  const { chiefs, people } = game;
  if (one.do === 'grant') return grant(game, people[one.who] ?? '', one.role, one.from);
  if (one.do === 'leave') {
    return world.grants.endAll(tenant, people[one.who] ?? '', chiefs[0] ?? '', 'account terminated');
  }
  if (one.do === 'settle') return world.grants.settle(tenant);
  if (one.do === 'end') return end(game, one.which);
  if (one.do !== 'wait') return look(game);
  world.time.now = Math.min(world.time.now + one.hours * hour_ms, start + 30 * day_ms);
  return undefined;
}

/** `blind`: a replica that is deliberately broken and does not see what ended. */
async function play(steps: readonly Step[], blind = false): Promise<void> {
  tenant += 1;
  world.time.now = start;
  const chiefs = [0, 1].map(() => world.people.add({ tenant, roles: ['administrator'] }));
  const people = [0, 1, 2, 3].map(() => world.people.add({ tenant }));
  const game = { chiefs, people, replica: createReplica(world, blind ? { segment: blindSegment() } : {}) };
  for (const one of steps) await take(game, one);
  await look(game);
}

const steps = fc.array(step, { minLength: 4, maxLength: 14 });

test('what is in memory is what is in the table, whatever happened, in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, (one) => play(one)),
    { numRuns: 15 },
  );
  assert.ok(granted > 15, `${granted}`);
});

test('negative control: a replica that misses an end is found out', async () => {
  const missed: Step[] = [{ do: 'grant', who: 0, role: 'billing', from: 0 }, { do: 'look' }, { do: 'end', which: 0 }];
  await play(missed);
  await assert.rejects(play(missed, true), assert.AssertionError);
});
