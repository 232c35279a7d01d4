import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import { afterWorkingDays } from '../../break-glass/working-days.ts';
import { hour_ms, minute_ms, start, startWorld, type World, why } from '../grants/world.ts';

let world: World;
let tenant = 0;
let [admin, officer, nurse, clerk] = ['', '', '', ''];

const kind = (wanted: string) => (error: unknown) => {
  assert.ok(isFault(error), String(error));
  assert.equal(error.kind, wanted, error.message);
  return true;
};
const as = (id: string, more = {}) => world.person(id, { tenant, ...more });
const until = start + 30 * 24 * hour_ms;

async function granted(account: string, role: string): Promise<void> {
  const asked = await world.requests.ask(as(account), { account, role, reason: why, until });
  await world.requests.decide(as(admin), asked.id, 'approve');
}

before(async () => {
  world = await startWorld();
});
after(() => world.close());
beforeEach(async () => {
  tenant += 1;
  world.time.now = start;
  admin = world.people.add({ tenant, roles: ['administrator'] });
  [officer, nurse, clerk] = [0, 1, 2].map(() => world.people.add({ tenant })) as [string, string, string];
  await granted(officer, 'security-officer');
  await granted(nurse, 'clinician');
  await granted(clerk, 'billing');
  world.told.length = 0;
});

const open = (more: object = {}, by = nurse) =>
  world.breakGlass.open(as(by), { patient: newId(), reason: 'Unconscious on arrival.', ...more });

async function opened(more: object = {}) {
  const answer = await open(more);
  assert.ok('grant' in answer);
  return answer.grant;
}

describe('an emergency', () => {
  test('opens one record for an hour at once, and the officers know at once', async () => {
    const patient = newId();
    const grant = await opened({ patient });
    assert.deepEqual([grant.kind, grant.role, grant.patients], ['break-glass', 'break-glass', [patient]]);
    assert.equal(grant.until - grant.from, hour_ms);
    assert.deepEqual(
      world.told.map(({ kind: what, to, about }) => [what, to, about]),
      [['break-glass-opened', [officer], grant.id]],
    );
    const [use] = await world.breakGlass.list(tenant, { reviewed: false });
    assert.deepEqual([use?.grant.id, use?.reason], [grant.id, 'Unconscious on arrival.']);
    assert.equal(use?.review_by, start + 48 * hour_ms);
  });

  test('needs no fresh factor, but two of them', async () => {
    const stale = { assurance: { level: 2, at: start - 8 * hour_ms, methods: [] } };
    await world.breakGlass.open(as(nurse, stale), { patient: newId(), reason: why });
    const weak = { assurance: { level: 1, at: start, methods: [] } };
    await assert.rejects(world.breakGlass.open(as(nurse, weak), { patient: newId(), reason: why }), kind('forbidden'));
  });

  test('is for one patient, an hour at most, with a reason', async () => {
    const [one, other] = [newId(), newId()];
    const bad: object[] = [
      { patient: `${one},${other}` },
      { patient: [one, other] },
      { patient: '*' },
      { minutes: 61 },
      { minutes: 0 },
      { minutes: -5 },
      { minutes: 1.5 },
      { reason: 'now' },
    ];
    for (const more of bad) await assert.rejects(open(more), kind('invalid'), JSON.stringify(more));
    assert.deepEqual(await world.breakGlass.list(tenant), []);
    assert.equal((await opened({ minutes: 60 })).until, start + hour_ms);
  });

  test('is only for those whose role the policy lets into one', async () => {
    await assert.rejects(open({}, clerk), kind('forbidden'));
    await assert.rejects(open({}, admin), kind('forbidden'));
    await assert.rejects(open({}, world.people.add({ tenant })), kind('forbidden'));
    const patient = world.people.add({ tenant, kind: 'patient' });
    const asked = { patient: newId(), reason: why };
    await assert.rejects(
      world.breakGlass.open(as(patient, { account: 'patient', within: [] }), asked),
      kind('forbidden'),
    );
    await assert.rejects(world.breakGlass.open(as(nurse, { kind: 'client' }), asked), kind('forbidden'));
  });

  test('the same record twice is a conflict, at the same moment too', async () => {
    const patient = newId();
    const done = await Promise.allSettled([open({ patient }), open({ patient })]);
    assert.deepEqual(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    world.time.now += hour_ms;
    await opened({ patient });
  });

  test('cannot be asked for as a role', async () => {
    const asked = { account: nurse, role: 'break-glass', reason: why, until: start + hour_ms, patients: [newId()] };
    await assert.rejects(world.requests.ask(as(nurse), asked), kind('invalid'));
    await assert.rejects(world.requests.elevate(as(nurse), asked), kind('invalid'));
  });

  test('gives the database no second patient and no second hour', async () => {
    const grant = await opened();
    await assert.rejects(
      world.sql(`update access.grant set until_at = from_at + interval '61 minutes' where id = $1`, [grant.id]),
    );
    await assert.rejects(
      world.sql('update access.grant set patients = patients || $2::uuid where id = $1', [grant.id, newId()]),
    );
    await world.sql(`update access.grant set until_at = from_at + interval '60 minutes' where id = $1`, [grant.id]);
  });
});

describe('afterwards', () => {
  test('an officer looks at it, not the person, not anybody else, once', async () => {
    const { id } = await opened();
    const review = (by: string) => world.breakGlass.review(as(by), id, 'justified', 'Seen in the emergency log.');
    await assert.rejects(review(nurse), kind('forbidden'));
    await assert.rejects(review(clerk), kind('forbidden'));
    await assert.rejects(world.breakGlass.review(as(officer), newId(), 'justified', why), kind('missing'));
    await assert.rejects(world.breakGlass.review(as(officer), id, 'justified', ''), kind('invalid'));
    const use = await review(officer);
    assert.deepEqual(use.reviewed, {
      by: officer,
      at: start,
      verdict: 'justified',
      reason: 'Seen in the emergency log.',
    });
    await assert.rejects(review(officer), kind('conflict'));
    assert.deepEqual(await world.breakGlass.list(tenant, { reviewed: false }), []);
    assert.equal((await world.grants.byId(tenant, id))?.ended_at, undefined);
  });

  test('an officer does not look at what is their own', async () => {
    await granted(officer, 'clinician');
    const answer = await open({}, officer);
    assert.ok('grant' in answer);
    await assert.rejects(
      world.breakGlass.review(as(officer), answer.grant.id, 'justified', 'I know why.'),
      kind('forbidden'),
    );
  });

  test('unjustified ends it at once', async () => {
    const { id } = await opened();
    await world.breakGlass.review(as(officer), id, 'unjustified', 'No emergency is known.');
    assert.equal((await world.grants.byId(tenant, id))?.ended_why, 'review');
  });

  test('not looked at in time: the next one waits for an approver, and is an hour from then on', async () => {
    const { id } = await opened();
    world.time.now = start + 48 * hour_ms - 1;
    await opened();
    world.time.now += 1;
    const patient = newId();
    const answer = await open({ patient, minutes: 30 });
    assert.ok('request' in answer);
    assert.deepEqual([answer.request.state, answer.request.needed], ['open', 1]);
    assert.deepEqual(world.told.at(-1)?.kind, 'request-to-decide');
    await assert.rejects(world.requests.decide(as(nurse), answer.request.id, 'approve'), kind('forbidden'));
    world.time.now += 10 * minute_ms;
    const { grant = '' } = await world.requests.decide(as(officer), answer.request.id, 'approve');
    const held = await world.grants.byId(tenant, grant);
    assert.deepEqual(
      [held?.kind, held?.patients, held?.until],
      ['break-glass', [patient], world.time.now + 30 * minute_ms],
    );
    assert.ok((await world.breakGlass.list(tenant)).some((use) => use.grant.id === grant));
    // Negative control: once all are looked at, it opens at once again.
    for (const { grant: one } of await world.breakGlass.list(tenant, { reviewed: false })) {
      await world.breakGlass.review(as(officer), one.id, 'justified', 'Late, but seen.');
    }
    assert.ok(id);
    await opened();
  });

  test('ten that nobody looked at are enough', async () => {
    for (let index = 0; index < 10; index += 1) await opened();
    assert.ok('request' in (await open()));
  });
});

test('two working days are 48 hours of Monday to Friday', () => {
  const at = (text: string): number => Date.parse(`${text}Z`);
  const cases: readonly [string, string][] = [
    ['2026-11-24T10:00', '2026-11-26T10:00'],
    ['2026-11-26T10:00', '2026-11-30T10:00'],
    ['2026-11-27T15:00', '2026-12-01T15:00'],
    ['2026-11-28T09:00', '2026-12-02T00:00'],
    ['2026-11-29T23:59', '2026-12-02T00:00'],
    ['2026-11-30T00:00', '2026-12-02T00:00'],
  ];
  for (const [from, to] of cases) assert.equal(afterWorkingDays(at(from), 2), at(to), from);
});
