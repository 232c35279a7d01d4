import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { redlineOf } from '../../policies/redline.ts';
import { openHouse, policyText } from './house.ts';
import { addressOf, why } from './requests.ts';

const house = await openHouse();
const { send, administrator, security, privacy, auditor, worker, theirs, programme } = house;
const marker = 'zebra-marker';

const post = (path: string, as: typeof worker, body: unknown) => send('POST', path, { as, body });
const approve = (id: string, as: typeof worker) => post(`/tasks/${id}/decision`, as, { verdict: 'approve' });
const draft = (markdown: string, as = security) => post('/policies/access/versions', as, { markdown });

const bad: readonly unknown[] = [
  ...[`"${marker}"`, '[]', 'null', '1', '{', `{"${marker}": 1}`, '{"__proto__": {"verdict": "approve"}}', '\u0000'],
  `{"constructor": "${marker}"}`,
  `{"verdict": "${marker}", "note": ["${marker}"], "to": "${marker}", "checks": "${marker}", "why": {"a": 1}}`,
  `{"name": 1, "value": {"a": "${marker}"}, "markdown": ["${marker}"], "digest": "${marker}", "until": "${marker}"}`,
  `{"state": "met", "result": "met", "approvals": ["${newId()}"], "tenant": 1, "by": "${newId()}"}`,
];

test('what is not as described is 400, and nothing of it is repeated', async () => {
  const taking = house.operations.filter(({ body }) => body !== undefined);
  assert.ok(taking.length > 12);
  for (const one of taking) {
    for (const body of bad) {
      const { status, text } = await send(one.method, addressOf(one), { as: security, body });
      assert.equal(status, 400, `${one.method} ${one.path} ${body}: ${text}`);
      assert.ok(!text.includes(`"${marker}`) && !text.includes(`${marker} `), `${one.path} ${body}: ${text}`);
    }
    const headers = { 'content-type': 'text/plain' };
    assert.equal((await send(one.method, addressOf(one), { as: security, body: '{}', headers })).status, 415);
    assert.equal((await post(addressOf(one), security, ' '.repeat(300_000))).status, 413, one.path);
  }
});

test('nothing that is asked sets a state: there is no such operation, and no body that says one is taken', async () => {
  const acts = house.operations.filter(
    ({ method, type }) => method !== 'GET' && ['Control', 'Evidence'].includes(type),
  );
  assert.deepEqual(
    acts.map(({ path }) => path),
    ['/programme/checks/run'],
  );
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
    for (const path of ['/controls/164.312-a-1', '/posture', `/evidence/${newId()}`, '/checks/http.tls/evidence']) {
      const { status } = await send(method, path, { as: administrator, body: { state: 'met' } });
      assert.ok([404, 405].includes(status), `${method} ${path}: ${status}`);
    }
  }
});

test('parameters: out of bounds, of another kind, infinite, halves, formulas, names of prototypes', async () => {
  const proposals: readonly (readonly [unknown, unknown])[] = [
    ...[0, -1, 16, 1e308, 10.5, '15', '= sessions.idle_minutes', '', null, true, [10]].map(
      (value) => ['sessions.idle_minutes', value] as const,
    ),
    ...['__proto__', 'constructor', 'toString', 'sessions', 'sessions.', 'sessions.__proto__', '', 'no.such'].map(
      (name) => [name, 10] as const,
    ),
    ['sessions.idle_minutes\n', 10],
    ['recovery.constructor', 10],
  ];
  for (const [name, value] of proposals) {
    const { status, text } = await post('/parameters', security, { name, value, why });
    assert.equal(status, 400, `${String(name)} = ${String(value)}: ${text}`);
  }
  for (const raw of ['NaN', 'Infinity', '1e999', '-1e999']) {
    const body = `{"name": "sessions.idle_minutes", "value": ${raw}, "why": "${why}"}`;
    assert.equal((await post('/parameters', security, body)).status, 400, raw);
  }
  assert.equal((await send('GET', '/tasks?kind=parameter-change', { as: security })).json.items.length, 0);
  const sound = await post('/parameters', security, { name: 'sessions.idle_minutes', value: 12, why });
  assert.equal(sound.status, 201, 'negative control');
});

test('nobody approves their own, by no way; two at once are one; who lost the role approves nothing', async () => {
  const open = async (value: number, name = 'access.review_days') =>
    (await post('/parameters', security, { name, value, why })).json.id as string;
  const id = await open(60);
  const again = { ...security, session: newId() };
  const app = { ...security, client: newId(), scopes: ['safeguard/programme'] };
  const twoHats = { ...security, roles: ['administrator', 'privacy-officer'] };
  const stale = { ...privacy, assurance: { level: 2, at: 0, methods: ['pwd'] } } as const;
  for (const as of [security, again, app, twoHats]) assert.equal((await approve(id, as)).status, 403);
  assert.equal((await approve(id, stale)).status, 401, 'a factor of long ago');
  const lost = house.person(['privacy-officer']);
  Object.assign(house.people.all.get(lost.id) ?? {}, { held: [] });
  assert.equal((await approve(id, lost)).status, 403, 'the session says a role that is held no more');
  assert.equal((await approve(id, { ...worker, roles: ['privacy-officer'] })).status, 403);
  assert.equal((await approve(id, { ...lost, roles: [] })).status, 404);
  const raced = await Promise.all(Array.from({ length: 6 }, () => approve(id, privacy)));
  const counts = raced.map(({ status }) => status).sort();
  assert.deepEqual(counts, [200, 409, 409, 409, 409, 409], raced.map(({ text }) => text).join());
  const steps = (await send('GET', `/tasks/${id}`, { as: auditor })).json.steps.map(({ act }: { act: string }) => act);
  assert.deepEqual(steps, ['opened', 'submitted', 'approved', 'done']);
});

test('racing approvals by two are two; the same one twice never makes a quorum', async () => {
  await draft(policyText('Access', ' Truly.'));
  const { json } = await post('/policies/access/versions/2/submission', security, {});
  assert.equal(json.quorum, 2);
  await Promise.all(Array.from({ length: 5 }, () => approve(json.id, privacy)));
  const half = (await send('GET', `/tasks/${json.id}`, { as: auditor })).json;
  assert.deepEqual([half.state, half.approvals], ['submitted', [privacy.id]]);
  const [one, two] = await Promise.all([approve(json.id, administrator), approve(json.id, privacy)]);
  assert.deepEqual([one.status, two.status], [200, 409]);
});

test('a changed quorum holds from then on, while the service runs', async () => {
  const two = await post('/policies/devices/versions/1/submission', security, {});
  assert.equal(two.json.quorum, 2);
  await post(`/tasks/${two.json.id}/withdrawal`, security, { note: 'Not yet.' });
  const { json } = await post('/parameters', security, { name: 'policies.quorum', value: 1, why });
  assert.equal((await approve(json.id, privacy)).json.state, 'done');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const one = await post('/policies/devices/versions/1/submission', security, {});
  assert.equal(one.json.quorum, 1, one.text);
});

test('acknowledging is for oneself, of the text in force, and by people', async () => {
  const { json } = await send('GET', '/policies/access', { as: worker });
  const path = `/policies/access/versions/${json.number}/acknowledgement`;
  const { digest } = json;
  assert.equal((await post(path, worker, { digest, account: privacy.id })).status, 400, 'for somebody else');
  assert.equal((await post(path, worker, { digest: '0'.repeat(64) })).status, 409);
  assert.equal((await post('/policies/access/versions/1/acknowledgement', worker, { digest })).status, 409);
  assert.equal((await post(path, theirs, { digest })).status, 404, 'of another tenant');
  assert.equal((await post(path, { ...worker, account: 'patient', within: [] }, { digest })).status, 403);
  assert.equal((await post(path, house.program(), { digest })).status, 403);
  assert.equal((await post(path, { ...worker, id: newId() }, { digest })).status, 403, 'an account that is not there');
  assert.equal((await post(path, worker, { digest })).status, 201, 'negative control');
  const standings = (await send('GET', '/acknowledgements', { as: auditor })).json.items;
  const done = standings.filter((one: { done: unknown[] }) => one.done.length > 0);
  assert.deepEqual(
    done.map(({ account }: { account: string }) => account),
    [worker.id],
  );
});

test('a customer’s officer sees nothing of the house: no task, decision, draft, evidence, person', async () => {
  const { json } = await draft(policyText('Access', ` ${marker}`));
  const tasks = (await send('GET', '/tasks', { as: security })).json.items;
  const paths = [
    ...['/posture', '/controls', '/controls/164.312-a-1', '/checks/http.tls/evidence', '/parameters', '/decisions'],
    ...['/waivers', '/tasks', '/tasks.ics', '/acknowledgements', '/policies', '/policies/access'],
    ...[
      `/policies/access/versions/${json.number}`,
      '/policies/access/versions',
      '/policies/access/redline?from=1&to=2',
    ],
    ...tasks.map(({ id }: { id: string }) => `/tasks/${id}`),
    ...tasks.map(({ id }: { id: string }) => `/tasks?after=${id}`),
  ];
  const ids = [security, privacy, administrator, auditor, worker].map(({ id }) => id);
  for (const as of [theirs, house.theirAdministrator, house.program(2)]) {
    for (const path of paths) {
      const { text } = await send('GET', path, { as });
      const leaked = [marker, ...ids, ...tasks.map(({ id }: { id: string }) => id)].filter((one) => text.includes(one));
      assert.deepEqual(
        leaked.filter((one) => !path.includes(one)),
        [],
        path,
      );
    }
  }
  const { text } = await send('GET', `/policies/access/versions/${json.number}`, { as: security });
  assert.ok(text.includes(marker), 'negative control');
});

const body = (more: string): string => policyText('Access', more);
const hostile: Readonly<Record<string, string>> = {
  script: body('\n\n<script>alert(1)</script>'),
  'inline html': body(' <b onclick="x">b</b>'),
  'javascript link': body(' [x](javascript:alert(1))'),
  'javascript by entities': body(' [x](&#106;ava&#115;cript:alert(1))'),
  'data link': body(' [x](data:text/html;base64,AAAA)'),
  'protocol-relative link': body(' [x](//evil.example)'),
  'reference link': body(' [x][y]\n\n[y]: javascript:alert(1)\n'),
  autolink: body(' <javascript:alert(1)>'),
  image: body(' ![x](https://evil.example/x.png)'),
  'direction turned by an entity': body(' after &#x202E;06 minutes.'),
  'nothing between, by an entity': body(' pass&zwj;word'),
  'direction turned in a title': body(' [x](https://a.example "&#x202E;y")'),
  'unknown placeholder': body(' {{__proto__.x}}'),
  'placeholder of a placeholder': body(' {{a{{sessions.idle_minutes}}}}'),
  'open placeholder': body(' {{sessions.idle_minutes'),
  'control character by YAML': body('').replace('title: Access', 'title: "Access\\u202E"'),
  'NUL by YAML': body('').replace('title: Access', 'title: "Access\\0"'),
  'YAML alias bomb': body('').replace('satisfies:', 'a: &a [x,x]\nb: &b [*a,*a]\nsatisfies:'),
  'YAML tag': body('').replace('title: Access', 'title: !!js/function "x"'),
  'YAML merge': body('').replace('title: Access', '<<: {title: Access}\ntitle: Access'),
  'prototype in front matter': body('').replace('title: Access', '__proto__: {title: x}\ntitle: Access'),
  'deep YAML': body('').replace('[164.310-b]', `${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  'no such approver': body('').replace('owner: security-officer', 'owner: "a\\0b"'),
};

test('hostile drafts are refused with the line, and keep nothing', async () => {
  const before = (await send('GET', '/policies/access/versions', { as: security })).json.items.length;
  for (const [name, markdown] of Object.entries(hostile)) {
    const { status, text } = await draft(markdown);
    assert.equal(status, 400, `${name}: ${text}`);
    assert.match(text, /"detail":"line \d+: /, `${name}: ${text}`);
    assert.ok(!text.includes('alert(1)'), name);
  }
  assert.equal((await send('GET', '/policies/access/versions', { as: security })).json.items.length, before);
  assert.equal((await draft(body(' [x](https://a.example "y") &amp; &lt;b&gt;'))).status, 201, 'negative control');
});

test('large texts: refused, or read without holding everybody up', async () => {
  assert.equal((await draft(body('x'.repeat(65_536)))).status, 400);
  assert.equal((await draft(body('€'.repeat(30_000)))).status, 413);
  // Not timed: each of these took minutes, or seconds, before there were bounds.
  const [one, other] = ['a', 'b'].map((letter) => Array.from({ length: 30_000 }, (_, n) => letter + n).join('\n'));
  const changes = redlineOf(one ?? '', other ?? '');
  assert.equal(changes.length, 60_000);
  assert.ok(
    redlineOf('a\nb\nc\n', 'a\nx\nc\n').some(({ kind }) => kind === 'same'),
    'negative control',
  );
  for (const more of ['['.repeat(60_000), '!['.repeat(30_000), '*a '.repeat(20_000), `|${'a|'.repeat(9_000)}`]) {
    const { status } = await draft(body(`\n\n${more}`));
    assert.ok([201, 400].includes(status));
  }
});

test('drafts of a policy have an end', async () => {
  let last = 0;
  for (let n = 0; n < 60 && last !== 409; n += 1) {
    last = (await post('/policies/devices/versions', security, { markdown: policyText('Devices', ` ${n}.`) })).status;
  }
  assert.equal(last, 409);
  const { json } = await send('GET', '/policies/devices/versions', { as: security });
  assert.ok(json.items.length <= 51, String(json.items.length));
});

test('a hundred who run the same checks at once run each once, two at a time, and others are served', async () => {
  let arrived = 0;
  const counted = house.operations.map((one) => ({
    ...one,
    handle: (asked: Parameters<typeof one.handle>[0]) => {
      if (one.action === 'check-run') arrived += 1;
      return one.handle(asked);
    },
  }));
  const { send: ask } = await house.serve(counted);
  const gate = Promise.withResolvers<void>();
  Object.assign(house.told, { runs: 0, most: 0, gate: gate.promise });
  const checks = ['http.tls', 'ledger.verifies', 'seal.disposal'];
  const flood = Array.from({ length: 100 }, () => ask('POST', '/checks/run', { as: security, body: { checks } }));
  while (arrived < 100) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await ask('GET', '/policies', { as: worker })).status, 200);
  // Both have begun, or will not: none ends before the gate opens.
  for (let tries = 0; tries < 1_000 && house.told.at_once < 2; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  gate.resolve();
  const replies = await Promise.all(flood);
  house.told.gate = Promise.resolve();
  assert.ok(replies.every(({ status }) => status === 200));
  const ids = new Set(replies.flatMap(({ json }) => json.items.map(({ id }: { id: string }) => id)));
  assert.deepEqual([ids.size, house.told.runs, house.told.most], [3, 3, 2]);
});

test('evidence written by the runtime role’s SQL is no evidence, and is named as forged', async () => {
  house.told.result = 'unmet';
  const [real] = (await post('/checks/run', security, { checks: ['http.tls'] })).json.items;
  house.told.result = 'met';
  const old = (await send('GET', '/checks/http.tls/evidence', { as: auditor })).json.items.at(-1);
  assert.equal(old.result, 'met');
  const row = (id: string, shard: number, index: number, at = Date.now()) =>
    house.asRuntime(0, 'insert into programme.evidence (id, check_id, at, shard, index) values ($1, $2, $3, $4, $5)', [
      ...[id, 'http.tls', at, shard, index],
    ]);
  const forged = newId();
  await row(forged, 0, 1_000_000);
  await assert.rejects(row(old.id, old.entry.shard, old.entry.index), /duplicate key/);
  const posture = (await send('GET', '/posture', { as: auditor })).json;
  assert.deepEqual(posture.forged, [forged]);
  const tls = (await send('GET', '/checks/http.tls/evidence', { as: auditor })).json.items;
  assert.deepEqual([tls[0].id, tls[0].result], [real.id, 'unmet']);
  assert.equal((await send('GET', `/evidence/${forged}`, { as: auditor })).status, 404);
  for (const text of [
    `update programme.evidence set at = 1 where id = '${real.id}'`,
    `delete from programme.evidence where id = '${real.id}'`,
    'truncate programme.evidence',
  ]) {
    await assert.rejects(house.asRuntime(0, text), /permission denied/, text);
  }
  const [kept] = (await post('/checks/run', security, { checks: ['programme.evidence-kept'] })).json.items;
  assert.deepEqual([kept.result, kept.exceptions], ['unmet', [`row ${forged}`]]);
});

test('a number, or a publication, that the runtime role’s SQL makes up counts for nothing', async () => {
  const parameters = async () => (await programme.parameters.current()).get('audit.verify_hours')?.value;
  const before = await parameters();
  const row = `insert into programme.parameter (tenant, name, number, value, task, opened_by, approved_by, at)
    values (1, 'audit.verify_hours', 1, $1, $2, $3, $4, $5)`;
  await house.asRuntime(1, row, ['12', newId(), security.id, [privacy.id], Date.now()]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal(await parameters(), before);
  const task = newId();
  const at = new Date();
  const about = 'devices#1';
  const step = (n: number, actor: string, act: string, needed: number | null) =>
    house.asRuntime(
      1,
      'insert into programme.step (tenant, task, n, at, actor, act, needed) values (1, $1, $2, $3, $4, $5, $6)',
      [...[task, n, at, actor, act, needed]],
    );
  await post(`/tasks/${await openTaskOf('devices#1')}/withdrawal`, security, { note: 'Out of the way.' });
  await house.asRuntime(
    1,
    `insert into programme.task (id, tenant, kind, about, key_id, sealed, opened_by, opened_at, due_at, apart)
      select $1, 1, 'policy-approval', $2, key_id, sealed, $3, $4::timestamptz,
        $4::timestamptz + interval '1 day', '{}' from programme.task limit 1`,
    [task, about, security.id, at],
  );
  await step(1, security.id, 'opened', 1);
  await step(2, security.id, 'submitted', 1);
  await step(3, privacy.id, 'approved', 1);
  await step(4, privacy.id, 'done', null);
  await house.asRuntime(
    1,
    `insert into programme.publication (tenant, policy, number, task, published_at, parameters, review_due_at)
      values (1, 'devices', 1, $1, $2::timestamptz, '{}', $2::timestamptz + interval '300 days')`,
    [task, at],
  );
  const [found] = (await post('/checks/run', security, { checks: ['programme.policies-approved'] })).json.items;
  assert.equal(found.result, 'unmet');
  assert.ok(found.exceptions.includes('devices: the task that published it does not say so'), JSON.stringify(found));
  assert.ok(!found.exceptions.some((one: string) => /^access: the task/.test(one)), 'negative control');
});

async function openTaskOf(about: string): Promise<string> {
  const [row] = await house.sql('select id from programme.task where about = $1 and closed_at is null', [about]);
  return String(row?.['id']);
}

test('reading states is bounded work: a flood is answered, each time the same', async () => {
  const replies = await Promise.all(Array.from({ length: 60 }, () => send('GET', '/posture', { as: auditor })));
  assert.ok(replies.every(({ status }) => status === 200));
});
