/** `safeguard access …` against a real instance: how a new tenant comes to its officers, and what the operator sees. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newClient } from '../harness/clients.ts';
import { openInside } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { cliJson, firstAdministrator, invite, type Person } from '../harness/people.ts';

let safeguard: Instance;
let admin: Person;
let bea: Person;
let patient: string;
let program: string;
const reason = 'Frau Núñez wird hier behandelt: zuständig laut Schreiben.';
const until = new Date(Date.now() + 86_400_000).toISOString();

before(async () => {
  safeguard = await start();
  admin = await firstAdministrator(safeguard);
  bea = await invite(safeguard, { login: 'bea@clinic.example', name: 'Bea Beth', scopes: 'user/*.rs' });
  const client = await newClient(safeguard, { scopes: 'system/*.cruds' });
  program = client.token;
  const body = { resourceType: 'Patient', name: [{ family: 'Núñez' }] };
  const made = await safeguard.request({ method: 'POST', path: '/fhir/R4/Patient', token: client.token, body });
  assert.equal(made.status, 201, made.text);
  patient = made.json.id;
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly role: string;
  readonly account: { readonly login: string };
}

async function ask(person: Person, account: string, role: string): Promise<string> {
  const asked = await person.jar.api('POST', '/access/requests', { account, role, reason, until });
  assert.equal(asked.status, 201, asked.text);
  return asked.json.id;
}

const approve = (request: string) => safeguard.cli('access', 'approve', request);
const open = () => cliJson<Listed[]>(safeguard, 'access', 'requests', '--state', 'open');
const seen = (person: Person, type = 'Patient') =>
  safeguard.cli('access', 'explain', '--account', person.login, '--type', type);

test('nobody sees anything at first, and the command says so', async () => {
  const { code, stdout } = await seen(bea);
  assert.equal(code, 0);
  assert.match(stdout, /answer +denied\nreason +no role is held/);
  assert.deepEqual(await cliJson(safeguard, 'access', 'grants'), []);
});

test('the first officer: asked for by the only administrator, approved at the machine', async () => {
  const request = await ask(admin, admin.id, 'privacy-officer');
  const [one] = await open();
  assert.deepEqual([one?.id, one?.role, one?.account.login], [request, 'privacy-officer', admin.login]);
  const table = await safeguard.cli('access', 'requests');
  assert.ok(!`${table.stdout}${JSON.stringify(one)}`.includes('Núñez'), 'a reason stays where it may be read');
  const short = await safeguard.cli('access', 'approve', request, '--reason', 'short');
  assert.equal(short.code, 1);
  assert.match(short.stderr, /reason: expected 10 to/);
  const approved = await safeguard.cli('access', 'approve', request, '--reason', 'Appointed by letter of the board.');
  assert.equal(approved.code, 0, approved.stderr);
  assert.match(approved.stdout, /state +approved\nrole +privacy-officer/);
  const again = await approve(request);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /decided, withdrawn or lapsed/);
  const [grant] = await cliJson<Listed[]>(safeguard, 'access', 'grants', '--account', admin.login);
  assert.equal(grant?.role, 'privacy-officer');
});

test('what somebody of the tenant may decide, the operator may not', async () => {
  const request = await ask(bea, bea.id, 'practice-clinician');
  const refused = await approve(request);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [1, 'safeguard: Somebody of the tenant may decide this: then the operator does not.\n'],
  );
  const rejected = await safeguard.cli('access', 'reject', request, '--reason', 'The operator says no.');
  assert.equal(rejected.code, 1, 'nor reject');
  assert.equal((await open()).length, 1, 'it is open still');
  const decided = await admin.jar.api('POST', `/access/requests/${request}/decision`, { verdict: 'approve' });
  assert.equal(decided.status, 200, decided.text);
});

test('explain: by which rule, by whom, until when; who can see the patient', async () => {
  const told = await seen(bea);
  assert.match(told.stdout, /answer +permitted/);
  assert.match(told.stdout, /rule +practice-clinician-treats/);
  assert.match(told.stdout, /granted by +admin@clinic\.example\nuntil +\d{4}-/);
  const of = ['access', 'explain', '--account', bea.login, '--type', 'Patient', '--id'];
  const one = await cliJson<{ permit: boolean; rule: string; rules?: unknown }>(safeguard, ...of, patient);
  assert.deepEqual([one.permit, one.rule, one.rules], [true, 'practice-clinician-treats', undefined]);
  const closed = await safeguard.cli(
    'access',
    'explain',
    '--account',
    admin.login,
    '--type',
    'Patient',
    '--id',
    patient,
  );
  const absent = await safeguard.cli(...of, admin.id);
  assert.deepEqual([closed.code, closed.stderr], [1, absent.stderr], 'closed and not there are one answer');
  const viewers = await cliJson<{ id: string; role?: string }[]>(safeguard, 'access', 'who-can-see', patient);
  const people = viewers.filter(({ id }) => [bea.id, admin.id].includes(id));
  assert.deepEqual(
    people.map(({ id, role }) => [id, role]),
    [[bea.id, 'practice-clinician']],
  );
  const table = await safeguard.cli('access', 'who-can-see', patient);
  assert.ok(table.stdout.includes(bea.id) && !table.stdout.includes('Núñez'));
});

test('a grant that the operator ends is over within a second', async () => {
  const grants = await cliJson<Listed[]>(safeguard, 'access', 'grants', '--role', 'practice-clinician');
  assert.equal(grants.length, 1);
  assert.equal((await safeguard.cli('access', 'end', `${grants[0]?.id}`)).code, 0);
  const twice = await safeguard.cli('access', 'end', `${grants[0]?.id}`);
  assert.match(twice.stderr, /over already/);
  for (const end = Date.now() + 2_000; ; ) {
    if ((await seen(bea)).stdout.includes('denied')) break;
    assert.ok(Date.now() < end, 'it is over');
  }
  const all = await cliJson<Listed[]>(safeguard, 'access', 'grants', '--role', 'practice-clinician', '--all');
  assert.equal(all.length, 1, 'and stays on record');
});

test('roles, versions, reviews, emergencies: for people and for programs', async () => {
  const roles = await cliJson<Record<string, { approvals: number }>>(safeguard, 'access', 'roles');
  assert.equal(roles.administrator?.approvals, 2);
  assert.match(
    (await safeguard.cli('access', 'roles')).stdout,
    /privacy-officer +Privacy officer +administrator security-off/,
  );
  const versions = await cliJson<{ version: number; state: string }[]>(safeguard, 'access', 'policy', 'list');
  assert.deepEqual(
    versions.map(({ version, state }) => [version, state]),
    [[0, 'active']],
  );
  assert.deepEqual(await cliJson(safeguard, 'access', 'reviews'), []);
  assert.deepEqual(await cliJson(safeguard, 'access', 'break-glass'), []);
  const missing = await safeguard.cli('access', 'policy', 'show', '--version', '7');
  assert.match(missing.stderr, /No such version; `safeguard access policy list`/);
});

test('a Consent of which something cannot be enforced is shown to the privacy officer', async () => {
  const notes = ({ jar }: Person) => jar.api('GET', '/access/consents/notes');
  assert.equal((await notes(bea)).status, 403);
  assert.deepEqual((await notes(admin)).json, { items: [], next: null });
  const concept = (system: string, code: string) => ({
    coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
  });
  const body = {
    resourceType: 'Consent',
    status: 'active',
    scope: concept('consentscope', 'patient-privacy'),
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: `Patient/${patient}` },
    policyRule: concept('v3-ActCode', 'OPTIN'),
    provision: { type: 'deny', purpose: [{ system: 'http://example.org/purposes', code: 'MARKETING' }] },
  };
  const made = await safeguard.request({ method: 'POST', path: '/fhir/R4/Consent', token: program, body });
  assert.equal(made.status, 201, made.text);
  const { status, json } = await notes(admin);
  assert.equal(status, 200);
  assert.deepEqual(json.items, [{ id: made.json.id, patient, reasons: ['purpose is not understood'] }]);
});

test('the policy in force can be written to a file, changed and checked, without an instance', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-policy-'));
  try {
    const file = join(folder, 'policy.json');
    const { stdout } = await safeguard.cli('access', 'policy', 'show', '--json');
    await writeFile(file, stdout);
    const right = await safeguard.cli('access', 'policy', 'check', file);
    assert.deepEqual([right.code, right.stdout], [0, `${file}: right\n`]);
    const policy = JSON.parse(await readFile(file, 'utf8'));
    policy.roles.clinician.approvals = 0;
    policy.rules[0].where.query = 'no-such-parameter=1';
    await writeFile(file, JSON.stringify(policy));
    const wrong = await safeguard.cli('access', 'policy', 'check', file);
    assert.equal(wrong.code, 1);
    const lines = wrong.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 2, wrong.stdout);
    assert.match(lines[0] ?? '', /policy\.json: \/roles\/clinician\/approvals: a role is held by an approved request/);
    assert.match(lines[1] ?? '', /policy\.json: \/rules\/0\/where\/query: the query is not served on every type/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a test tenant; a client for a sensitive category; a category that is none', async () => {
  await cliJson(safeguard, 'tenant', 'create', 'sandbox');
  const set = await safeguard.cli('tenant', 'set', 'sandbox', '--test', 'on');
  assert.equal(JSON.parse(set.stdout).test, true);
  const create = ['client', 'create', 'clinic', '--scopes', 'system/*.rs', '--may'];
  for (const name of ['psychotherapy-notes', 'substance-use', 'hiv', 'reproductive-health', 'minors']) {
    assert.equal((await safeguard.cli(...create, `sensitive:${name}`)).code, 0, name);
  }
  assert.equal((await safeguard.cli(...create, 'sensitive:everything')).code, 1);
});

test('every act is in the platform’s log as the operator’s, refused ones as denied, by ids alone', async () => {
  const inside = await openInside(safeguard.data);
  try {
    const events = (await inside.events(0)).filter(({ actor }) => actor === 'operator');
    const said = new Set(events.map(({ action, outcome }) => `${action} ${outcome}`));
    for (const one of [
      ...['access-bootstrap permit', 'access-bootstrap deny', 'access-bootstrap fail', 'access-request-list permit'],
      ...['grant-list permit', 'grant-end permit', 'grant-end fail', 'access-explain permit', 'who-can-see permit'],
      ...['policy-list permit', 'policy-read permit', 'review-list permit', 'break-glass-list permit'],
    ]) {
      assert.ok(said.has(one), one);
    }
    const ended = events.find(({ action, outcome }) => action === 'grant-end' && outcome === 'permit');
    assert.deepEqual(
      ended?.targets.map(({ type }) => type),
      ['Grant', 'Account'],
    );
    const looked = events.find(({ action }) => action === 'who-can-see');
    assert.deepEqual(looked?.targets, [{ type: 'Patient', id: patient }]);
    const text = JSON.stringify(events);
    for (const personal of ['Núñez', bea.login, admin.login]) assert.ok(!text.includes(personal), personal);
  } finally {
    await inside.close();
  }
});
