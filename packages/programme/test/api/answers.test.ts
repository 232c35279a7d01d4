import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { openHouse, policyText } from './house.ts';
import { why } from './requests.ts';

const house = await openHouse();
const { send, administrator, security, privacy, auditor, worker, theirs } = house;
const day_ms = 86_400_000;

/** Answers are held against their schemas in every test of this file. */
async function asked(method: string, path: string, as: Principal, body?: object, headers = {}) {
  const reply = await send(method, path, { as, headers, ...(body === undefined ? {} : { body }) });
  const one = house.operations.find(
    (each) => each.method === method && matches(each.path, path.split('?', 1)[0] ?? '') && each.answer !== undefined,
  );
  if (reply.status < 300 && one?.answer !== undefined) {
    const read = one.answer.safeParse(reply.json);
    assert.ok(read.success, `${method} ${path}: ${read.error?.message}\n${reply.text}`);
  }
  return reply;
}
const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replace('/programme', '').replaceAll(/:\w+/g, '[^/]+')}$`).test(path);

const get = (path: string, as: Principal = auditor) => asked('GET', path, as);
const decide = (id: string, as: Principal, body: object = { verdict: 'approve' }, headers = {}) =>
  asked('POST', `/tasks/${id}/decision`, as, body, headers);

test('checks are run and leave evidence; the posture follows, now and at a moment before it', async () => {
  const before = new Date().toISOString();
  assert.equal((await get('/posture')).json.counts.met ?? 0, 0);
  const ran = await asked('POST', '/checks/run', security, {});
  assert.equal(ran.status, 200, ran.text);
  assert.equal(ran.json.items.length, house.programme.runner.checks.size);
  const [one] = ran.json.items;
  const read = await get(`/evidence/${one.id}`);
  assert.deepEqual(read.json, one);
  assert.ok((await get('/posture')).json.counts.met > 0);
  assert.equal((await get(`/posture?at=${before}`)).json.counts.met ?? 0, 0);
  const control = await get('/controls/164.312-a-2-iv');
  assert.equal(control.json.id, '164.312-a-2-iv');
  assert.doesNotMatch(control.json.approach, /\{\{/);
  const technical = await get('/controls?family=technical&state=met');
  assert.ok(technical.json.controls.length > 0);
  assert.ok(technical.json.controls.every((each: { state: string }) => each.state === 'met'));
  assert.equal((await get('/controls?family=constructor')).json.controls.length, 0);
  // One after the other, so that each page has something.
  await asked('POST', '/checks/run', security, { checks: ['http.tls'] });
  const page = await get('/checks/http.tls/evidence?count=1');
  assert.equal(page.json.items.length, 1);
  const next = await get(`/checks/http.tls/evidence?count=1&before=${page.json.next}`);
  assert.notEqual(next.json.items[0].id, page.json.items[0].id);
  house.told.result = 'unmet';
  await asked('POST', '/checks/run', security, { checks: ['http.tls'] });
  house.told.result = 'met';
  const broken = (await get('/posture')).json.counts.unmet;
  assert.ok(broken > 0);
});

test('moments: none of the future, all of the past that a date can say', async () => {
  for (const at of [
    '2999-01-01T00:00:00Z',
    new Date(Date.now() + day_ms).toISOString(),
    'yesterday',
    '2026-02-30',
    '',
  ]) {
    for (const path of ['/posture', '/controls', '/controls/164.312-a-1']) {
      assert.equal((await get(`${path}?at=${encodeURIComponent(at)}`)).status, 400, `${path} ${at}`);
    }
  }
  for (const at of [
    '1970-01-01T00:00:00Z',
    '1969-12-31T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '0000-01-01T00:00:00%2B14:00',
  ]) {
    for (const path of [`/posture?at=${at}`, `/checks/http.tls/evidence?before=${at}`]) {
      const { status, text } = await get(path);
      assert.ok([200, 400].includes(status), `${path}: ${status} ${text.slice(0, 300)}`);
    }
  }
  assert.equal((await get('/checks/http.tls/evidence?before=9999-12-31T23:59:59-14:00')).status, 200);
});

test('what is not there is 404, what cannot be is 400', async () => {
  for (const path of [
    '/controls/164.999-z',
    '/controls/constructor',
    '/checks/no.such/evidence',
    '/checks/toString/evidence',
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
  for (const path of [`/evidence/${newId()}`, '/evidence/1', '/policies/none', '/policies/access/versions/99']) {
    assert.equal((await get(path)).status, 404, path);
  }
  for (const path of ['/policies/access/versions/01', '/policies/access/versions/1e1', '/policies/..%2fetc/versions']) {
    assert.equal((await get(path)).status, 404, path);
  }
  assert.equal((await get(`/tasks/${newId()}`)).status, 404);
  const queries = [
    'count=0',
    'count=201',
    'count=x',
    'after=x',
    'kind=%00',
    'state=constructor',
    'mine=perhaps',
    'x=1',
  ];
  for (const query of queries) assert.equal((await get(`/tasks?${query}`)).status, 400, query);
  for (const query of ['from=0&to=1', 'from=1', 'from=a&to=b', 'from=1&to=9999999999']) {
    const { status } = await get(`/policies/access/redline?${query}`);
    assert.ok([400, 404].includes(status), `${query}: ${status}`);
  }
  assert.equal((await asked('POST', '/checks/run', security, { checks: ['no.such'] })).status, 400);
  assert.equal((await asked('POST', '/checks/run', security, { checks: [] })).status, 400);
});

test('a policy: drafted, handed in, approved by two others, compared, acknowledged', async () => {
  const markdown = policyText('Access', ' And nobody is asked twice.');
  const drafted = await asked('POST', '/policies/access/versions', security, { markdown });
  assert.deepEqual([drafted.status, drafted.json.state, drafted.json.number], [201, 'draft', 2]);
  const versions = await get('/policies/access/versions');
  assert.deepEqual(
    versions.json.items.map(({ number }: { number: number }) => number),
    [2, 1],
  );
  const handedIn = await asked('POST', '/policies/access/versions/2/submission', security, {});
  const { id } = handedIn.json;
  assert.deepEqual([handedIn.status, handedIn.json.quorum], [201, 2], handedIn.text);
  assert.equal((await asked('POST', '/policies/access/versions/2/submission', privacy, {})).status, 409);
  assert.equal((await decide(id, security)).status, 403);
  assert.equal((await decide(id, privacy, { verdict: 'return' })).status, 400);
  assert.equal((await decide(id, auditor)).status, 403);
  assert.equal((await decide(id, worker)).status, 404);
  const first = await decide(id, privacy, { verdict: 'approve' }, { 'if-match': '"2"' });
  assert.deepEqual([first.status, first.json.state], [200, 'submitted'], first.text);
  const stale = await decide(id, administrator, { verdict: 'approve' }, { 'if-match': '"2"' });
  assert.equal(stale.status, 412, stale.text);
  for (const wrong of ['3', '*', 'W/"3"', '"3", "4"', '"x"', '"-1"', '""']) {
    assert.equal((await decide(id, administrator, { verdict: 'approve' }, { 'if-match': wrong })).status, 400, wrong);
  }
  const last = await decide(id, administrator, { verdict: 'approve' }, { 'if-match': first.headers.get('etag') ?? '' });
  assert.deepEqual([last.status, last.json.state], [200, 'done'], last.text);
  const redline = await get('/policies/access/redline?from=1&to=2');
  assert.deepEqual(
    redline.json.changes.map(({ kind }: { kind: string }) => kind).filter((one: string) => one !== 'same'),
    ['removed', 'added'],
  );
  const owed = await get('/acknowledgements/owed', worker);
  const { digest } = owed.json.items[0];
  assert.equal((await asked('POST', '/policies/access/versions/2/acknowledgement', worker, { digest })).status, 201);
  assert.deepEqual((await get('/acknowledgements/owed', worker)).json.items, []);
  const inForce = await get('/policies/access', worker);
  assert.match(inForce.json.text, /after 15 minutes/);
  const theirView = await get('/policies/access', theirs);
  assert.deepEqual(
    [theirView.json.inherited, theirView.json.made_by, theirView.json.approved_by, theirView.json.task],
    [true, null, [], null],
  );
  assert.equal(
    (await asked('POST', '/policies/access/review', privacy, { note: 'Read again, nothing to change.' })).status,
    201,
  );
});

test('a parameter, a decision, a waiver: proposed by one, approved by another, in force', async () => {
  const change = await asked('POST', '/parameters', security, { name: 'sessions.idle_minutes', value: 10, why });
  assert.equal((await decide(change.json.id, privacy)).json.state, 'done');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const listed = (await get('/parameters')).json.items.find(
    ({ name }: { name: string }) => name === 'sessions.idle_minutes',
  );
  assert.deepEqual([listed.value, listed.source], [10, 'approved']);
  const wanted = { control: '164.312-a-2-iv', kind: 'implemented', why, factors: why };
  const decision = await asked('POST', '/decisions', security, wanted);
  assert.equal((await asked('POST', '/decisions', privacy, wanted)).status, 409);
  assert.equal((await decide(decision.json.id, privacy)).json.state, 'done');
  const [made] = (await get('/decisions')).json.items;
  assert.deepEqual([made.control, made.by, made.approved_by], ['164.312-a-2-iv', security.id, [privacy.id]]);
  const defaults = await asked('POST', '/decisions/defaults', security);
  assert.equal(defaults.status, 201);
  assert.ok(defaults.json.items.length > 10);
  const until = new Date(Date.now() + 20 * day_ms).toISOString();
  const met = await asked('POST', '/waivers', security, { control: '164.312-e-1', owner: privacy.id, why, until });
  const unmet = (await get('/controls?state=unmet')).json.controls[0]?.id;
  const waiver = await asked('POST', '/waivers', security, { control: unmet, owner: privacy.id, why, until });
  assert.equal(waiver.status, 201, waiver.text);
  assert.ok([201, 409].includes(met.status));
  assert.equal((await decide(waiver.json.id, privacy)).status, 403, 'who answers for it does not approve it');
  assert.equal((await decide(waiver.json.id, administrator)).json.state, 'done');
  const [inForce] = (await get('/waivers')).json.items;
  const state = (await get(`/controls/${unmet}`)).json;
  assert.deepEqual([state.state, state.waived_until], ['unmet', until], 'no less unmet');
  assert.equal((await asked('POST', `/waivers/${inForce.id}/end`, security, { why })).status, 200);
  assert.equal((await asked('POST', `/waivers/${inForce.id}/end`, security, { why })).status, 409);
});

test('tasks: officers see all of them, others what concerns them, pages have an end; and a calendar', async () => {
  const all = await get('/tasks?count=2', security);
  assert.equal(all.json.items.length, 2);
  const next = await get(`/tasks?count=2&after=${all.json.next}`, security);
  assert.ok(next.json.items.every(({ id }: { id: string }) => !all.text.includes(id)));
  assert.deepEqual((await get('/tasks', worker)).json.items, []);
  const [{ id }] = all.json.items;
  assert.deepEqual(
    [(await get(`/tasks/${id}`, worker)).status, (await get(`/tasks/${id}`, theirs)).status],
    [404, 404],
  );
  for (const [path, body] of [
    ['notes', { note: 'Let me in.' }],
    ['withdrawal', { note: 'Let me in.' }],
    ['assignment', { to: worker.id }],
    ['submission', {}],
  ] as const) {
    assert.equal((await asked('POST', `/tasks/${id}/${path}`, worker, body)).status, 404, path);
    assert.equal((await asked('POST', `/tasks/${id}/${path}`, theirs, body)).status, 404, path);
  }
  const calendar = await send('GET', '/tasks.ics', { as: privacy });
  assert.match(calendar.headers.get('content-type') ?? '', /^text\/calendar/);
  assert.match(calendar.text, /BEGIN:VEVENT/);
  assert.doesNotMatch((await send('GET', '/tasks.ics', { as: worker })).text, /BEGIN:VEVENT/);
  house.time.shift_ms = 30 * day_ms;
  const fresh = { ...security, assurance: { level: 2, at: house.clock.now(), methods: ['pwd'] } } as const;
  assert.ok((await get('/tasks?overdue=true', fresh)).json.items.length > 0);
  house.time.shift_ms = 0;
});
