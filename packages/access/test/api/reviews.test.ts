import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { start } from '../grants/world.ts';
import { type House, openHouse, program, scope } from './house.ts';

let house: House;
let admin: Principal;
let workers: Principal[];
before(async () => {
  house = await openHouse();
  house.time.now = start;
  admin = await house.officer('administrator');
  workers = [await house.officer('clinician'), await house.officer('billing'), await house.officer('clinician')];
});
after(() => house.close());

const reason = 'Ms Zebra said so.';
interface Item {
  readonly id: string;
  readonly account: { readonly id: string };
  readonly state: string;
  readonly recommendation: string;
}

test('a review of every grant: listed, decided many at once by others, closed when all is decided', async () => {
  const made = await house.send('POST', '/access/reviews', { as: admin });
  assert.equal(made.status, 201, made.text);
  const { id, items, state, started_by } = made.json;
  assert.deepEqual([state, items.undecided, started_by.id], ['open', workers.length, admin.id]);
  assert.equal((await house.send('POST', '/access/reviews', { as: admin })).status, 409);
  const path = `/access/reviews/${id}`;
  assert.equal((await house.send('GET', path, { as: program(scope) })).json.id, id);
  assert.equal((await house.send('GET', '/access/reviews', { as: admin })).json.items[0].id, id);

  const first = await house.send('GET', `${path}/items?count=2`, { as: admin });
  assert.equal(first.json.items.length, 2);
  const rest = await house.send('GET', `${path}/items?count=2&after=${first.json.next}`, { as: admin });
  const all: Item[] = [...first.json.items, ...rest.json.items];
  assert.deepEqual(all.map(({ account }) => account.id).sort(), workers.map((one) => one.id).sort());

  const decide = (as: Principal, verdict: string, ids: readonly string[]) =>
    house.send('POST', `${path}/decisions`, { as, body: { items: ids, verdict, reason } });
  const [one, ...others] = all.map((item) => item.id);
  const stale = { ...admin, assurance: { level: 2 as const, at: start - 3_600_000, methods: ['pwd'] } };
  assert.equal((await decide(stale, 'keep', others)).status, 401);
  assert.equal((await decide(workers[0] as Principal, 'keep', others)).status, 403);
  assert.equal((await decide(admin, 'keep', [...others, newId()])).status, 404, 'all or none');
  assert.equal((await house.send('POST', `${path}/close`, { as: admin })).status, 409);
  assert.deepEqual((await decide(admin, 'keep', others)).json, { decided: others.length });
  assert.deepEqual((await decide(stale, 'revoke', [one ?? ''])).json, { decided: 1 }, 'to take waits for nothing');
  assert.equal((await decide(admin, 'revoke', [one ?? ''])).status, 409);
  const kept = await house.send('GET', `${path}/items?state=kept`, { as: admin });
  assert.deepEqual([kept.json.items.length, kept.json.items[0].reason], [others.length, reason]);

  const closed = await house.send('POST', `${path}/close`, { as: admin });
  assert.deepEqual([closed.status, closed.json.state], [200, 'closed'], closed.text);
  const event = house.events.find(({ action, outcome }) => action === 'review-decide' && outcome === 'permit');
  assert.deepEqual(event?.targets.map((target) => target.id).sort(), [id, ...others].sort());
  assert.ok(!JSON.stringify(house.events).includes('Zebra'));
});

test('how often it is done is set by officers', async () => {
  const path = '/access/review-setting';
  assert.deepEqual((await house.send('GET', path, { as: admin })).json, { review_days: 90, answer_days: 14 });
  const body = { review_days: 30, answer_days: 7 };
  assert.deepEqual((await house.send('PUT', path, { as: admin, body })).json, body);
  assert.equal((await house.send('PUT', path, { as: admin, body: { review_days: 7, answer_days: 7 } })).status, 400);
  assert.equal((await house.send('PUT', path, { as: workers[0], body })).status, 403);
  assert.deepEqual((await house.send('GET', path, { as: admin })).json, body);
});

test('notices: everybody their own, read once and for all', async () => {
  const told = await house.send('GET', '/access/notices?unread=true', { as: admin });
  assert.ok(told.json.items.length > 0, told.text);
  const [{ id, path, text, read_at }] = told.json.items;
  assert.equal(read_at, null);
  assert.match(path, /^\/access\//);
  assert.ok(!text.includes('Zebra'));
  const other = await house.send('GET', '/access/notices', { as: workers[1] });
  assert.ok(!other.text.includes(id));
  assert.equal((await house.send('POST', `/access/notices/${id}/read`, { as: workers[1] })).status, 404);
  assert.equal((await house.send('POST', `/access/notices/${id}/read`, { as: admin })).status, 204);
  const left = await house.send('GET', '/access/notices?unread=true', { as: admin });
  assert.ok(!left.text.includes(id));
});
