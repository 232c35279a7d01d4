import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { isFault, newId } from '@safeguard/kernel';
import { createNotices } from '../../notices/notices.ts';
import { createReviews } from '../../reviews/reviews.ts';
import { createStanding } from '../../standing/standing.ts';
import { day_ms, startWorld, type World, why } from '../grants/world.ts';

let world: World;
let officer: Principal;
let reviews: ReturnType<typeof createReviews>;
before(async () => {
  world = await startWorld();
  officer = world.person(world.people.add({ roles: ['administrator'] }), { roles: ['administrator'] });
  reviews = createReviews(world.deps);
});
after(async () => {
  assert.deepEqual(world.warned, []);
  await world.close();
});

const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
const roleOf = async (account: string): Promise<string[]> =>
  (await world.grants.list(1, { account })).map(({ role }) => role);

/** What another process finds that somebody holds. */
function replica() {
  const { segment, deps, people, time } = world;
  const clinical = {
    careTeam: async () => [],
    organizations: async () => [],
    consents: async () => ({ version: 0, consents: [] }),
  };
  const common = { segment, clock: deps.clock, people: people.port, policies: deps.policies, log: deps.log };
  const standing = createStanding({ ...common, clinical, ticks: () => time.now });
  return {
    rolesOf: async (account: string) => (await standing.holdersOf(1)).of(account).map(({ role }) => role),
    close: () => standing.close(),
  };
}

/** Ends what is open, so that each test has a campaign of its own. */
async function fresh() {
  const { time } = world;
  time.now += 20 * day_ms;
  for (const { id } of await world.grants.list(1, {})) await world.grants.end(1, id, officer.id, 'ended');
}

test('a campaign has an item for each grant, with its last use and a recommendation', async () => {
  const { time, sql } = world;
  const used = await world.holder('billing', officer.id, { until: time.now + 80 * day_ms });
  const unused = await world.holder('clinician', officer.id, { until: time.now + 80 * day_ms });
  const never = await world.holder('billing', officer.id, { until: time.now + 80 * day_ms });
  time.now += 50 * day_ms;
  const ending = await world.holder('billing', officer.id, { until: time.now + 5 * day_ms });
  const young = await world.holder('billing', officer.id, { until: time.now + 80 * day_ms });
  const at = (days: number) => new Date(time.now - days * day_ms).toISOString();
  await sql(`update access.grant set used_at = '${at(1)}' where id = '${used.grant}'`);
  await sql(`update access.grant set used_at = '${at(46)}' where id = '${unused.grant}'`);
  const started = await reviews.start(officer);
  assert.deepEqual(
    [started.state, started.due_at - started.started_at, started.started_by, started.items],
    ['open', 14 * day_ms, officer.id, { all: 5, kept: 0, revoked: 0, undecided: 5 }],
  );
  const items = await reviews.items(1, started.id);
  const told = new Map(items.map(({ grant, recommendation, because }) => [grant, [recommendation, because]]));
  assert.deepEqual(told.get(used.grant), ['keep', 'used']);
  assert.deepEqual(told.get(unused.grant), ['revoke', 'unused']);
  assert.deepEqual(told.get(never.grant), ['revoke', 'never used']);
  assert.deepEqual(told.get(ending.grant), ['let lapse', 'ends soon']);
  assert.deepEqual(told.get(young.grant), ['keep', 'new']);
  await assert.rejects(reviews.start(officer), kind('conflict'));
  assert.ok(world.told.some(({ kind: what, to }) => what === 'review-started' && to.includes(officer.id)));
});

test('kept holds to its approved end, revoked ends now, undecided lapses at the due date: everywhere', async () => {
  await fresh();
  const { time } = world;
  const other = replica();
  const until = time.now + 80 * day_ms;
  const [kept, revoked, undecided] = [
    await world.holder('billing', officer.id, { until }),
    await world.holder('billing', officer.id, { until }),
    await world.holder('billing', officer.id, { until }),
  ];
  const { id, due_at } = await reviews.start(officer);
  const items = new Map((await reviews.items(1, id)).map(({ grant, id: item }) => [grant, item]));
  const item = ({ grant }: { grant: string }): string => items.get(grant) ?? '';
  assert.equal(await reviews.decide(officer, id, { items: [item(kept)], verdict: 'keep', reason: why }), 1);
  assert.deepEqual(await other.rolesOf(revoked.account), ['billing']);
  await reviews.decide(officer, id, { items: [item(revoked)], verdict: 'revoke', reason: why });
  time.now += 1_001;
  assert.deepEqual(await other.rolesOf(revoked.account), []);
  assert.equal((await world.grants.byId(1, revoked.grant))?.ended_why, 'review');
  await assert.rejects(reviews.close(officer, id), kind('conflict'));
  time.now = due_at - 1;
  assert.deepEqual(
    [await roleOf(undecided.account), await other.rolesOf(undecided.account)],
    [['billing'], ['billing']],
  );
  time.now = due_at;
  assert.deepEqual([await roleOf(undecided.account), await other.rolesOf(undecided.account)], [[], []]);
  assert.deepEqual([await roleOf(kept.account), await other.rolesOf(kept.account)], [['billing'], ['billing']]);
  assert.equal((await world.grants.byId(1, kept.grant))?.until, until);
  const states = (await reviews.items(1, id)).map(({ state }) => state).sort();
  assert.deepEqual(states, ['kept', 'lapsed', 'revoked']);
  assert.equal((await reviews.items(1, id, { state: 'lapsed' }))[0]?.grant, undecided.grant);
  assert.equal((await reviews.items(1, id, { state: 'kept' }))[0]?.reason, why);
  assert.equal((await reviews.byId(1, id))?.state, 'over');
  const late = { items: [item(undecided)], verdict: 'keep', reason: why } as const;
  await assert.rejects(reviews.decide(officer, id, late), kind('conflict'));
  await other.close();
});

test('nobody reviews their own; who is no reviewer reviews nothing; all or none', async () => {
  await fresh();
  const { people, person, time } = world;
  const until = time.now + 80 * day_ms;
  const other = await world.holder('billing', officer.id, { until });
  const security = await world.holder('security-officer', officer.id, { until });
  const { id } = await reviews.start(officer);
  const all = (await reviews.items(1, id)).map(({ id: item }) => item);
  const wanted = { items: all, verdict: 'keep', reason: why } as const;
  await assert.rejects(reviews.decide(person(security.account), id, wanted), kind('forbidden'));
  assert.equal((await reviews.byId(1, id))?.items.undecided, 2);
  for (const who of [person(people.add()), person(other.account)]) {
    await assert.rejects(reviews.decide(who, id, wanted), kind('forbidden'));
  }
  const foreign = person(people.add({ tenant: 2, roles: ['administrator'] }), { tenant: 2, roles: ['administrator'] });
  await assert.rejects(reviews.decide(foreign, id, wanted), kind('missing'));
  await assert.rejects(reviews.close(foreign, id), kind('missing'));
  assert.deepEqual([await reviews.byId(2, id), await reviews.items(2, id), await reviews.list(2)], [undefined, [], []]);
  for (const items of [[], ['x'], [newId()], [...all, newId()]]) {
    await assert.rejects(reviews.decide(officer, id, { ...wanted, items }));
  }
  await assert.rejects(reviews.decide(officer, id, { ...wanted, reason: 'short' }), kind('invalid'));
  assert.equal((await reviews.byId(1, id))?.items.undecided, 2);
  assert.equal(await reviews.decide(officer, id, wanted), 2);
  await assert.rejects(reviews.decide(officer, id, wanted), kind('conflict'));
  assert.equal((await reviews.close(officer, id)).state, 'closed');
});

test('what was granted since and must not meet: not kept', async () => {
  await fresh();
  const { time, requests, person } = world;
  const held = await world.holder('clinician', officer.id, { until: time.now + 80 * day_ms });
  const { id, due_at } = await reviews.start(officer);
  const later = { account: held.account, role: 'operator', reason: why, from: due_at + 1, until: due_at + day_ms };
  const asked = await requests.ask(person(held.account), later);
  await requests.decide(officer, asked.id, 'approve');
  const items = (await reviews.items(1, id)).map(({ id: item }) => item);
  await assert.rejects(reviews.decide(officer, id, { items, verdict: 'keep', reason: why }), kind('conflict'));
  assert.equal(await reviews.decide(officer, id, { items, verdict: 'revoke', reason: why }), 1);
});

test('the database lets no grant outlive its approval', async () => {
  await fresh();
  const { time, segment } = world;
  const { grant } = await world.holder('billing', officer.id, { until: time.now + 80 * day_ms });
  const change = (set: string) =>
    segment.query(1, { name: `test.${newId()}`, text: `update access.grant set ${set} where id = '${grant}'` });
  await assert.rejects(change(`until_at = until_at + interval '1 day'`));
  await assert.rejects(change(`approved_until = until_at + interval '1 day'`));
  await change(`approved_until = until_at, until_at = until_at - interval '70 days'`);
  await assert.rejects(change(`until_at = until_at + interval '80 days'`));
  await assert.rejects(change(`approved_until = null`));
  await change('until_at = approved_until, approved_until = null');
});

test('it starts by itself when its time has come, once, however many replicas look', async () => {
  await fresh();
  const { time } = world;
  const setting = { review_days: 30, answer_days: 7 };
  assert.deepEqual(await reviews.setting(1), { review_days: 90, answer_days: 14 });
  for (const wrong of [{ review_days: 0 }, { answer_days: 30 }, { review_days: 1.5 }, { review_days: 400 }]) {
    await assert.rejects(reviews.configure(officer, { ...setting, ...wrong }), kind('invalid'));
  }
  assert.deepEqual(await reviews.configure(officer, setting), setting);
  const { account } = await world.holder('billing', officer.id, { until: time.now + 85 * day_ms });
  const { id, started_at } = await reviews.start(officer);
  const items = (await reviews.items(1, id)).map(({ id: item }) => item);
  await reviews.decide(officer, id, { items, verdict: 'keep', reason: why });
  time.now = started_at + 30 * day_ms - 1;
  assert.equal(await reviews.due(), 0);
  time.now += 1;
  const started = await Promise.all(
    [reviews, createReviews(world.deps), createReviews(world.deps)].map((one) => one.due()),
  );
  assert.equal(
    started.reduce((sum, one) => sum + one),
    1,
  );
  const [review] = await reviews.list(1);
  assert.deepEqual([review?.started_by, review?.items.all], [undefined, 1]);
  time.now += 7 * day_ms;
  assert.deepEqual(await roleOf(account), []);
});

test('a tenant in which nobody holds anything has no campaigns', async () => {
  await fresh();
  const before = (await reviews.list(1)).length;
  world.time.now += 200 * day_ms;
  assert.equal(await reviews.due(), 0);
  await assert.rejects(reviews.start(officer), kind('conflict'));
  assert.equal((await reviews.list(1)).length, before);
});

test('people are told once of what ends soon', async () => {
  await fresh();
  const { time, segment, deps, people } = world;
  const base = 'https://clinic.example';
  const notices = createNotices({ segment, clock: deps.clock, people: people.port, base, log: deps.log });
  const telling = createReviews({ ...deps, notices });
  const { account, grant } = await world.holder('billing', officer.id, { until: time.now + 60 * day_ms });
  const { id, due_at } = await telling.start(officer);
  await telling.due();
  assert.deepEqual(await notices.list(1, account), []);
  time.now = due_at - 2 * day_ms;
  await telling.due();
  await telling.due();
  const own = await notices.list(1, account);
  assert.deepEqual(
    own.map(({ path }) => path),
    [`/access/grants/${grant}`],
  );
  const told = (await notices.list(1, officer.id)).map(({ kind: what, about }) => `${what} ${about}`);
  assert.deepEqual(told, [`review-due ${id}`, `review-started ${id}`]);
});

test('two who look at each other’s grants do not block each other', async () => {
  await fresh();
  const { time, person } = world;
  const until = time.now + 80 * day_ms;
  const [one, other] = [
    await world.holder('security-officer', officer.id, { until }),
    await world.holder('security-officer', officer.id, { until }),
  ];
  const { id } = await reviews.start(officer);
  const items = await reviews.items(1, id);
  const itemOf = (account: string): string[] => items.filter((item) => item.account === account).map((item) => item.id);
  const reason = why;
  const done = await Promise.allSettled([
    reviews.decide(person(one.account), id, { items: itemOf(other.account), verdict: 'revoke', reason }),
    reviews.decide(person(other.account), id, { items: itemOf(one.account), verdict: 'revoke', reason }),
  ]);
  const failed = done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  assert.ok(failed.every(kind('forbidden')), String(failed));
  assert.ok(failed.length <= 1);
});
