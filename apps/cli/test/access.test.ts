import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeAdmin } from './fake-admin.ts';

const id = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';
const ada = { id, login: 'ada@clinic.example' };
const boss = { id: '5a2d3c4b-5a69-4788-9796-a5b4c3d2e1f0', login: 'boss@clinic.example' };
const until = '2027-06-30T00:00:00.000Z';
const request = {
  ...{ id: 'r1', kind: 'standing', state: 'open', role: 'privacy-officer', account: ada, asked_by: boss },
  ...{ asked_at: '2026-11-22T12:00:00.000Z', from: null, until, patients: 0, opens: [], needed: 1 },
  ...{ decisions: [] as object[], grant: null as string | null },
};
const grant = {
  ...{ id: 'g1', kind: 'standing', role: 'clinician', request: 'r1', account: ada, from: until, until },
  ...{ used_at: null, patients: 2, opens: ['hiv'], ended_at: null, ended_why: null },
};

test('requests: every page, by state and tenant, without a reason', async (t) => {
  const page = Array.from({ length: 200 }, (_, at) => ({ ...request, id: `r${at}` }));
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) => ({
    requests: line.includes('after=r199') ? [{ ...request, patients: 3 }] : page,
  }));
  const { status, out } = await safeguard('access', 'requests', '--state', 'open', '--tenant', 'north');
  assert.equal(status, 0);
  assert.deepEqual(
    asked.map(({ line }) => line),
    ['GET /access/requests?tenant=north&state=open', 'GET /access/requests?tenant=north&state=open&after=r199'],
  );
  assert.equal(out.split('\n').length, 203);
  assert.match(out, /^id +role +for +asked by +asked at +until +patients +approvals +state\n/);
  assert.match(
    out,
    /r1 +privacy-officer +ada@clinic\.example +boss@clinic\.example +2026-\S+ +2027-\S+ +3 +0\/1 +open/,
  );
  assert.equal((await safeguard('access', 'requests', '--state', 'opened')).status, 2);
});

test('approve and reject say what became of it', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) => ({
    ...request,
    ...(line.endsWith('/approve')
      ? { state: 'approved', grant: 'g1', decisions: [{ by: { id: 'operator', login: null }, verdict: 'approve' }] }
      : { state: 'rejected', decisions: [{ by: { id: 'operator', login: null }, verdict: 'reject' }] }),
  }));
  const approved = await safeguard('access', 'approve', 'r1', '--tenant', 'north');
  assert.match(approved.out, /state +approved\nrole +privacy-officer\nfor +ada@clinic\.example\n/);
  assert.match(approved.out, /approvals +1\/1\ngrant +g1\n$/);
  assert.match((await safeguard('access', 'reject', 'r1', '--reason', 'By mistake, surely.')).out, /state +rejected/);
  assert.deepEqual(
    asked.map(({ line, body }) => [line, body]),
    [
      ['POST /access/requests/r1/approve', { tenant: 'north' }],
      ['POST /access/requests/r1/reject', { reason: 'By mistake, surely.' }],
    ],
  );
  assert.equal((await safeguard('access', 'approve')).status, 2);
});

test('the instance’s refusal is told in its words', async (t) => {
  const { safeguard } = await fakeAdmin(t, () => undefined);
  const { status, err } = await safeguard('access', 'approve', 'r1');
  assert.deepEqual([status, err], [1, 'safeguard: No such user in this tenant\n']);
});

test('grants: a login stands in a body, never in an address; ending one', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) => (line.endsWith('/end') ? grant : { grants: [grant] }));
  const { out } = await safeguard('access', 'grants', '--account', ada.login, '--role', 'clinician', '--all');
  assert.match(out, /g1 +clinician +ada@clinic\.example +standing +2 +hiv +2027-\S+ +never/);
  assert.deepEqual(asked, [
    { line: 'POST /access/grants/find', body: { role: 'clinician', who: ada.login, all: true } },
  ]);
  assert.equal((await safeguard('access', 'end', 'g/1')).out, 'ended\n');
  assert.equal(asked.at(-1)?.line, 'POST /access/grants/g%2F1/end');
});

const policy = {
  roles: {
    operator: {
      title: 'Operator',
      approvers: ['administrator'],
      approvals: 1,
      longest_days: 1,
      apart: [],
      elevated: true,
    },
    patient: { title: 'Patient', approvers: [], approvals: 0, longest_days: 365, apart: [] },
  },
  rules: [
    {
      ...{ id: 'a-rule', effect: 'permit', interactions: ['read'], types: ['*'], where: { compartment: 'own' } },
      who: { roles: ['patient'], users: [id], everyone: true },
    },
  ],
};
const version = {
  ...{ version: 3, state: 'active', edition: 1, based_on: 0, authors: [ada], drafted_at: until, policy },
  activates_at: until,
};

test('roles and policies: a table for people, the document itself as JSON', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) =>
    line.startsWith('GET /access/policies')
      ? { policies: [version, { ...version, version: 0, authors: [] }] }
      : version,
  );
  const roles = await safeguard('access', 'roles');
  assert.match(roles.out, /operator +Operator +administrator +1 +8 h +-\npatient +Patient +- +0 +- +-\n/);
  const shown = await safeguard('access', 'policy', 'show', '--version', '3');
  assert.match(shown.out, /version +3\nstate +active\nbased on +0\n/);
  assert.match(shown.out, /a-rule +permit +patient users:4f0c\S+ everyone +read +\* +compartment +full/);
  assert.deepEqual(JSON.parse((await safeguard('access', 'policy', 'show', '--json')).out), policy);
  const list = await safeguard('access', 'policy', 'list', '--tenant', 'north');
  assert.match(list.out, /3 +active +0 +ada@clinic\.example +2027-\S+ +2027-\S+\n0 +active +- +- /);
  assert.deepEqual(
    asked.map(({ line }) => line),
    ['GET /access/policy', 'GET /access/policy?version=3', 'GET /access/policy', 'GET /access/policies?tenant=north'],
  );
  assert.equal((await safeguard('access', 'policy', 'show', '--version', 'last')).status, 2);
});

test('three words make a command, and what is mistyped is told among its own', async (t) => {
  const { safeguard } = await fakeAdmin(t, () => undefined);
  for (const [args, words] of [
    [['access', 'policy'], /"safeguard access policy" goes on with one of: access policy show, /],
    [['access', 'policy', 'chekc'], /Did you mean "access policy check"\?/],
    [
      ['access', 'reqests'],
      /"safeguard access" goes on with one of: access requests, .*Did you mean "access requests"\?/,
    ],
  ] as const) {
    const { status, err } = await safeguard(...args);
    assert.equal(status, 2);
    assert.match(err, words);
  }
  const help = await safeguard('access', 'policy', '--help');
  assert.equal(help.status, 0);
  assert.ok(help.out.includes('access policy list') && !help.out.includes('access requests'));
});

test('policy check asks nobody, and names file, place and finding', async (t) => {
  const { safeguard, asked, data } = await fakeAdmin(t, () => undefined);
  const check = async (text: string, ...more: string[]) => {
    const file = join(data, 'policy.json');
    await writeFile(file, text);
    // It knows no --data: nothing is asked of an instance.
    const { run } = await import('../run.ts');
    const { keeping } = await import('./terminal.ts');
    const terminal = keeping();
    return { status: await run(['access', 'policy', 'check', file, ...more], terminal), ...terminal.said, file };
  };
  const { housePolicy } = await import('@safeguard/access');
  const right = await check(JSON.stringify(housePolicy));
  assert.deepEqual([right.status, right.out], [0, `${right.file}: right\n`]);
  const [first, ...rules] = housePolicy.rules;
  const wrong = { ...housePolicy, rules: [{ ...first, types: ['Observatoin'] }, ...rules], extra: 'Müller' };
  const found = await check(JSON.stringify(wrong));
  assert.equal(found.status, 1);
  assert.match(found.out, /policy\.json: there is something here that a policy does not have\n/);
  assert.ok(!found.out.includes('Müller'));
  const typed = await check(JSON.stringify({ ...wrong, extra: undefined }));
  assert.equal(typed.status, 1);
  assert.equal(typed.out, `${typed.file}: /rules/0/types/0: FHIR R4 has no such type\n`);
  const broken = await check('{\n  "format": 1,,\n}');
  assert.deepEqual([broken.status, broken.out], [1, `${broken.file}: line 2, column 15: this is not JSON\n`]);
  assert.deepEqual(JSON.parse((await check('{', '--json')).out).length, 1);
  const absent = await safeguard('access', 'policy', 'check', 'x');
  assert.equal(absent.status, 2, '--data is none of its options');
  assert.deepEqual(asked, []);
  assert.equal(await readFile(right.file, 'utf8'), '{', 'a file is only read');
});

test('explain: of an account or a client, of a type or a resource', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, () => ({
    ...{ permit: true, reason: 'policy', rule: 'clinician-care-team', why: 'Treats them.', role: 'clinician' },
    ...{ grant: 'g1', granted_by: [boss], until, view: 'full', assumed: ['network', 'purpose'] },
    rules: [
      { rule: 'clinician-care-team', effect: 'permit', through: { kind: 'role', name: 'clinician' } },
      { rule: 'billing-bills', effect: 'permit', failed: 'subject' },
    ],
  }));
  const line = ['access', 'explain', '--account', ada.login, '--type', 'Observation'];
  const { out } = await safeguard(...line, '--action', 'search-type');
  assert.match(out, /answer +permitted\nreason +policy\nrule +clinician-care-team\nwhy +Treats them\./);
  assert.match(out, /granted by +boss@clinic\.example\nuntil +2027/);
  assert.match(out, /clinician-care-team +permit +role clinician +-\nbilling-bills +permit +- +subject\n/);
  await safeguard('access', 'explain', '--client', id, '--type', 'Patient', '--id', id);
  assert.deepEqual(
    asked.map(({ line: where, body }) => [where, body]),
    [
      ['POST /access/explanations', { who: ada.login, action: 'search-type', type: 'Observation' }],
      ['POST /access/explanations', { client: id, action: 'read', type: 'Patient', id }],
    ],
  );
  assert.equal((await safeguard('access', 'explain', '--type', 'Patient')).status, 2);
  assert.equal((await safeguard(...line, '--client', id)).status, 2);
  assert.equal((await safeguard('access', 'explain', '--account', id)).status, 2);
});

test('who can see, emergencies with what is overdue, reviews', async (t) => {
  const viewer = {
    kind: 'account',
    id,
    rule: 'r',
    role: 'clinician',
    view: 'full',
    letters: 'crus',
    when: ['network'],
  };
  const use = { grant: 'g1', account: ada, from: until, until, review_by: until, state: 'overdue', verdict: null };
  const items = { all: 4, kept: 2, revoked: 1, undecided: 1 };
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) => {
    if (line.endsWith('viewers')) return { viewers: [viewer] };
    if (line.endsWith('break-glass'))
      return { uses: [use, { ...use, state: 'reviewed', verdict: 'justified' }, { ...use, state: 'waiting' }] };
    return { reviews: [{ id: 'v1', state: 'open', started_at: until, due_at: until, items }] };
  });
  assert.match(
    (await safeguard('access', 'who-can-see', id)).out,
    /account +4f0c\S+ +clinician +r +full +crus +- +network/,
  );
  const uses = (await safeguard('access', 'break-glass')).out;
  assert.match(uses, /OVERDUE\n.*justified\n.*waiting\n$/);
  assert.match((await safeguard('access', 'reviews')).out, /v1 +open +\S+ +\S+ +4 +2 +1 +1\n/);
  assert.deepEqual(
    asked.map(({ line }) => line),
    [`GET /access/patients/${id}/viewers`, 'GET /access/break-glass', 'GET /access/reviews'],
  );
});

test('a tenant is marked as one without real patients', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, () => ({ test: true }));
  assert.match((await safeguard('tenant', 'set', 'sandbox', '--test', 'on')).out, /"test": true/);
  await safeguard('tenant', 'set', 'sandbox', '--test', 'off');
  assert.deepEqual(
    asked.map(({ body }) => body),
    [{ test: true }, { test: false }],
  );
});
