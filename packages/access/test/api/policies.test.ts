import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { start } from '../grants/world.ts';
import { type House, openHouse, program, scope } from './house.ts';

let house: House;
let [ann, ben, cas]: Principal[] = [];
before(async () => {
  house = await openHouse();
  house.time.now = start;
  [ann, ben, cas] = await Promise.all([0, 1, 2].map(() => house.officer('administrator')));
});
after(() => house.close());

const note = 'Ms Zebra complained.';
const at = (version: number | string, rest = ''): string => `/access/policies/${version}${rest}`;
const send = (method: string, path: string, as: Principal | undefined, body?: unknown, headers = {}) =>
  house.send(method, path, { as, headers, ...(body === undefined ? {} : { body }) });

test('drafted, changed as it was read, tried out, approved by others, put in force, rolled back', async () => {
  const made = await send('POST', '/access/policies', ann, { note });
  assert.equal(made.status, 201, made.text);
  const { version, state, authors, based_on, policy } = made.json;
  assert.deepEqual([state, based_on, authors[0].name], ['draft', 0, 'Ann Administrator']);
  assert.equal(made.headers.get('location'), `${house.url}/api/v1${at(version)}`);
  const tag = made.headers.get('etag') ?? '';

  const narrower = { ...policy, rules: policy.rules.slice(1) };
  const changed = await send('PUT', at(version), ann, { policy: narrower, note }, { 'if-match': tag });
  assert.deepEqual([changed.status, changed.json.edition], [200, made.json.edition + 1], changed.text);
  const stale = await send('PUT', at(version), ann, { policy: narrower }, { 'if-match': tag });
  assert.equal(stale.status, 412);

  const tried = await send('POST', at(version, '/simulation'), ben);
  assert.deepEqual([tried.status, tried.json?.version, tried.json?.against], [200, version, 0], tried.text);
  const submitted = await send('POST', at(version, '/submission'), ann);
  assert.deepEqual([submitted.status, submitted.json.state], [200, 'submitted'], submitted.text);
  const decision = { verdict: 'approve' };
  assert.equal((await send('POST', at(version, '/decision'), ann, decision)).status, 403, 'never by who wrote it');
  let after = submitted;
  for (const by of [ben, cas].slice(0, submitted.json.needed)) {
    after = await send('POST', at(version, '/decision'), by, decision);
    assert.equal(after.status, 200, after.text);
  }
  assert.equal(after.json.state, 'approved');
  const activated = await send('POST', at(version, '/activation'), ben, {});
  assert.deepEqual([activated.status, activated.json.state], [200, 'active'], activated.text);
  assert.equal((await send('PUT', at(version), ann, { policy })).status, 409, 'what is in force stays as it is');

  const back = await send('POST', at(0, '/roll-back'), ben);
  assert.equal(back.status, 201, back.text);
  assert.deepEqual([back.json.version, back.json.based_on, back.json.rolls_back], [version + 1, 0, true]);
  const named = house.events.filter(({ outcome }) => outcome === 'permit');
  const actions = named.map(({ action }) => action);
  for (const one of ['draft', 'change', 'simulate', 'submit', 'decide', 'activate'])
    assert.ok(actions.includes(`policy-${one}`), one);
  assert.ok(named.every(({ targets }) => targets.some(({ type, id }) => type === 'Policy' && /^\d+$/.test(id))));
  assert.ok(!JSON.stringify(house.events).includes('Zebra'));
});

test('versions page by page; a program reads, and changes nothing', async () => {
  for (const _ of [1, 2]) await send('POST', '/access/policies', ann, {});
  const first = await send('GET', '/access/policies?count=1', program(scope));
  assert.equal(first.json.items.length, 1);
  assert.equal(first.json.next, first.json.items[0].version);
  const link = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await send('GET', link.replace(`${house.url}/api/v1`, ''), ann);
  assert.equal(second.json.items[0].version, first.json.next - 1);
  assert.equal((await send('GET', at(0), program(scope))).status, 200);
  assert.equal((await send('POST', '/access/policies', program(scope), {})).status, 403);
  assert.equal((await send('POST', at(first.json.next, '/withdrawal'), program(scope))).status, 403);
  const withdrawn = await send('POST', at(first.json.next, '/withdrawal'), ann);
  assert.deepEqual([withdrawn.status, withdrawn.json.state], [200, 'withdrawn'], withdrawn.text);
});

test('a malformed policy is refused with where it is wrong, and the draft is as it was', async () => {
  const { json, headers } = await send('POST', '/access/policies', ann, {});
  const rule = { id: 'x', effect: 'permit', who: { roles: ['nobody'] }, interactions: ['read'], types: ['Foo'] };
  const bad = await send('PUT', at(json.version), ann, { policy: { ...json.policy, rules: [rule] } });
  assert.equal(bad.status, 400, bad.text);
  assert.ok(bad.json.errors.length > 0);
  assert.ok(
    bad.json.errors.every((one: { at?: string }) => one.at?.startsWith('/policy')),
    bad.text,
  );
  const still = await send('GET', at(json.version), ann);
  assert.equal(still.headers.get('etag'), headers.get('etag'));
  assert.deepEqual(still.json.policy, json.policy);
});

test('a number that names no version, a time that has passed, a stale factor: told right', async () => {
  for (const version of ['99999', '01', '-1', 'x', '1.0', '9999999999', '6f1c1b1e-3f64-4b6e-9d3e-0f7a5f6f8a11'])
    assert.equal((await send('GET', at(version), ann)).status, 404, version);
  const { json } = await send('POST', '/access/policies', ann, {});
  assert.equal((await send('POST', at(json.version, '/activation'), ben, {})).status, 409, 'a draft');
  assert.equal((await send('POST', at(json.version, '/decision'), ben, { verdict: 'approve' })).status, 409);
  const stale = { ...(ben as Principal), assurance: { level: 2 as const, at: start - 3_600_000, methods: ['pwd'] } };
  for (const [step, body] of [
    ['/decision', { verdict: 'approve' }],
    ['/activation', {}],
    ['/roll-back', undefined],
  ] as const) {
    const refused = await send('POST', at(json.version, step), stale, body);
    assert.deepEqual([refused.status, refused.json?.errors?.[0]?.code], [401, 'reauthenticate'], step);
  }
  const worker = await house.officer();
  assert.equal((await send('GET', '/access/policies', worker)).status, 403);
});
