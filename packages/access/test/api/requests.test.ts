import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { day_ms, start } from '../grants/world.ts';
import { type House, openHouse, program, scope } from './house.ts';

let house: House;
let worker: Principal;
let colleague: Principal;
let admin: Principal;
before(async () => {
  house = await openHouse();
});
after(() => house.close());
beforeEach(async () => {
  house.time.now = start;
  [worker, colleague, admin] = [await house.officer(), await house.officer(), await house.officer('administrator')];
  house.events.length = 0;
});

const secret = 'Because of Ms Zebra in room 12.';
const until = new Date(start + 10 * day_ms).toISOString();
const wanted = (more: object = {}) => ({ role: 'clinician', reason: secret, until, ...more });
const ask = (as: Principal | undefined, body: unknown = wanted(), headers = {}) =>
  house.send('POST', '/access/requests', { as, body, headers });
const path = (id: string, rest = ''): string => `/access/requests/${id}${rest}`;
const decide = (as: Principal, id: string, body: object = { verdict: 'approve' }, headers = {}) =>
  house.send('POST', path(id, '/decision'), { as, body, headers });

test('asked for, approved by somebody else, held until its end; the log has ids, and no reason', async () => {
  const asked = await ask(worker);
  assert.equal(asked.status, 201, asked.text);
  const { id } = asked.json;
  assert.equal(asked.headers.get('location'), `${house.url}/api/v1/access/requests/${id}`);
  const { state, account, asked_by, reason, from, decisions, grant } = asked.json;
  assert.deepEqual([state, account.id, asked_by.id, reason], ['open', worker.id, worker.id, secret]);
  assert.deepEqual([account.name, from, decisions, grant], ['Somebody', null, [], null]);

  const decided = await decide(admin, id);
  assert.equal(decided.status, 200, decided.text);
  assert.equal(decided.json.state, 'approved');
  assert.deepEqual(decided.json.decisions[0].by, { id: admin.id, name: 'Ann Administrator' });
  const granted = await house.send('GET', `/access/grants/${decided.json.grant}`, { as: worker });
  assert.deepEqual([granted.status, granted.json.role, granted.json.in_force], [200, 'clinician', true]);
  assert.equal(granted.json.until, until);

  const [made, approved] = house.events;
  assert.deepEqual([made?.action, made?.outcome, made?.actor], ['access-request-make', 'permit', worker.id]);
  const targets = [
    { type: 'AccessRequest', id },
    { type: 'Account', id: worker.id },
  ];
  assert.deepEqual(made?.targets, targets);
  assert.equal(approved?.action, 'access-request-decide');
  assert.deepEqual(approved?.targets, [...targets, { type: 'Grant', id: decided.json.grant }]);
  assert.ok(!JSON.stringify(house.events).includes('Zebra'));
});

test('who asked, for whom it is, who may decide and officers see a request; nobody else does', async () => {
  const forOther = await ask(worker, wanted({ account: colleague.id }));
  const { id } = forOther.json;
  const stranger = await house.officer();
  const foreign = { ...(await house.officer('administrator')), tenant: 2 };
  const nowhere = await house.send('GET', path(newId()), { as: worker });
  for (const as of [stranger, foreign, program(), { ...program(scope), tenant: 2 }]) {
    const refused = await house.send('GET', path(id), { as });
    const [got, expected] = [refused, nowhere].map(({ status, json }) => [status, json?.detail]);
    if (as.kind === 'client' && as.scopes.length === 0) assert.equal(refused.status, 403);
    else assert.deepEqual(got, expected);
  }
  for (const as of [worker, colleague, admin, await house.officer('privacy-officer'), program(scope)]) {
    assert.equal((await house.send('GET', path(id), { as })).status, 200, 'the control');
  }
});

test('lists: what I asked, what is for me, what I may decide, everybody’s for officers; page by page', async () => {
  const other = await ask(worker, wanted({ account: colleague.id }));
  const own = await ask(worker, wanted({ role: 'billing' }));
  const listed = async (as: Principal, query = ''): Promise<string[]> => {
    const { status, json } = await house.send('GET', `/access/requests${query}`, { as });
    assert.equal(status, 200);
    return json.items.map(({ id }: { id: string }) => id);
  };
  assert.deepEqual(await listed(worker), [other.json.id, own.json.id]);
  assert.deepEqual(await listed(colleague, '?of=mine'), [other.json.id]);
  assert.deepEqual(await listed(colleague), []);
  assert.deepEqual(await listed(worker, '?of=to-decide'), []);
  for (const id of [other.json.id, own.json.id]) {
    assert.ok((await listed(admin, '?of=to-decide&state=open')).includes(id));
    assert.ok((await listed(program(scope), `?of=all&state=open`)).includes(id));
  }
  assert.deepEqual(await listed(admin, `?of=all&account=${colleague.id}`), [other.json.id]);
  // What is somebody else's is not found by naming them: without `all` it is the caller's own.
  assert.deepEqual(await listed(colleague, `?of=asked&account=${worker.id}`), []);
  assert.equal((await house.send('GET', '/access/requests?of=all', { as: worker })).status, 403);

  const first = await house.send('GET', '/access/requests?count=1', { as: worker });
  assert.deepEqual([first.json.items[0].id, first.json.next], [other.json.id, other.json.id]);
  const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await house.send('GET', link.replace(`${house.url}/api/v1`, ''), { as: worker });
  assert.deepEqual([second.json.items[0].id, second.json.next], [own.json.id, null]);
});

test('nobody decides what they asked or what is for them, nor who may not approve; decided is decided', async () => {
  const { id } = (await ask(admin, wanted({ account: worker.id }))).json;
  assert.equal((await decide(admin, id)).status, 403, 'the asker');
  assert.equal((await decide(worker, id)).status, 403, 'for whom it is');
  assert.equal((await decide(colleague, id)).status, 404, 'who may not even see it');
  const second = await house.officer('administrator');
  const rejected = await decide(second, id, { verdict: 'reject' });
  assert.deepEqual([rejected.status, rejected.json.errors?.[0]?.at], [400, '/reason']);
  assert.equal((await decide(second, id, { verdict: 'reject', reason: 'Not needed on this ward.' })).status, 200);
  assert.equal((await decide(second, id)).status, 409);
  assert.equal((await house.send('POST', path(id, '/withdrawal'), { as: admin })).status, 409);
});

test('an approval wants a fresh factor, a rejection none; an elevation wants one too', async () => {
  const { id } = (await ask(worker)).json;
  house.time.now += 6 * 60_000;
  const stale = await decide(admin, id);
  assert.deepEqual([stale.status, stale.json.errors[0].code], [401, 'reauthenticate']);
  assert.equal((await house.send('GET', path(id), { as: worker })).json.state, 'open');
  const elevation = { role: 'debugger', reason: secret, until: new Date(house.time.now + 3_600_000).toISOString() };
  const refused = await house.send('POST', '/access/elevations', { as: worker, body: elevation });
  assert.deepEqual([refused.status, refused.json.errors[0].code], [401, 'reauthenticate']);
  const fresh = house.person(worker.id);
  const elevated = await house.send('POST', '/access/elevations', { as: fresh, body: elevation });
  assert.deepEqual([elevated.status, elevated.json.kind], [201, 'elevation'], elevated.text);
  assert.equal((await decide(admin, id, { verdict: 'reject', reason: 'Not on this ward.' })).status, 200);
});

test('asked twice it is one; withdrawn by who asked; what changed since it was read is told so', async () => {
  const { json, headers } = await ask(worker);
  const tag = headers.get('etag') ?? '';
  assert.equal((await ask(worker)).status, 409);
  assert.equal((await ask(worker, wanted({ role: 'billing' }))).status, 201, 'another role is another request');
  const read = await house.send('GET', path(json.id), { as: worker });
  assert.equal(read.headers.get('etag'), tag);
  const stale = { 'if-match': '"somethingelse"' };
  assert.equal((await decide(admin, json.id, { verdict: 'approve' }, stale)).status, 412);
  assert.equal((await house.send('POST', path(json.id, '/withdrawal'), { as: worker, headers: stale })).status, 412);
  const match = { 'if-match': tag };
  const withdrawn = await house.send('POST', path(json.id, '/withdrawal'), { as: worker, headers: match });
  assert.deepEqual([withdrawn.status, withdrawn.json.state], [200, 'withdrawn']);
  assert.equal((await decide(admin, json.id, { verdict: 'approve' }, match)).status, 412);
  assert.equal((await ask(worker)).status, 201, 'a new one may be asked for');
});

test('grants: one’s own, everybody’s for officers, ended by officers alone, at once', async () => {
  const { grant } = (await decide(admin, (await ask(worker)).json.id)).json;
  const own = await house.send('GET', '/access/grants', { as: worker });
  assert.deepEqual(
    own.json.items.map(({ id }: { id: string }) => id),
    [grant],
  );
  assert.deepEqual((await house.send('GET', '/access/grants', { as: colleague })).json.items, []);
  assert.equal((await house.send('GET', '/access/grants?of=all', { as: colleague })).status, 403);
  assert.equal((await house.send('GET', `/access/grants/${grant}`, { as: colleague })).status, 404);
  const of = await house.send('GET', `/access/grants?of=all&account=${worker.id}&role=clinician`, { as: admin });
  assert.equal(of.json.items.length, 1);

  const end = (as: Principal, headers = {}) => house.send('POST', `/access/grants/${grant}/end`, { as, headers });
  assert.equal((await end(worker)).status, 403);
  assert.equal((await end(admin, { 'if-match': '"other"' })).status, 412);
  const tag = (await house.send('GET', `/access/grants/${grant}`, { as: admin })).headers.get('etag') ?? '';
  const ended = await end(admin, { 'if-match': tag });
  assert.deepEqual([ended.status, ended.json.in_force, ended.json.ended_why], [200, false, 'ended']);
  assert.equal((await end(admin)).status, 409);
  assert.deepEqual((await house.send('GET', '/access/grants', { as: worker })).json.items, []);
  assert.equal((await house.send('GET', '/access/grants?ended=true', { as: worker })).json.items.length, 1);
  const event = house.events.find(({ action, outcome }) => action === 'grant-end' && outcome === 'permit');
  assert.deepEqual(event?.targets, [
    { type: 'Grant', id: grant },
    { type: 'Account', id: worker.id },
  ]);
});

test('without the guard a worker would end grants: it is the guard that keeps them', async () => {
  const { grant } = (await decide(admin, (await ask(worker)).json.id)).json;
  const open = await house.serve({ guard: () => undefined });
  const end = (send: House['send']) => send('POST', `/access/grants/${grant}/end`, { as: worker });
  assert.equal((await end(house.send)).status, 403);
  assert.equal((await end(open.send)).status, 200, 'negative control');
});
