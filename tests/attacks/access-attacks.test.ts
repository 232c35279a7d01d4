/**
 * Attacks on access itself: what a request says of itself, who approves what, what the database lets the server's own
 * role do, and rights that end while somebody is reading.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type IdentityHouse, identityHouse } from '../harness/identity-house.ts';
import type { Answer, Asked } from '../harness/instance.ts';
import { newApp, tokensFor } from '../harness/oauth-app.ts';
import { firstAdministrator, type Invited, invite, type Person } from '../harness/people.ts';
import { grantBy, type Wanted } from './matrix/askers.ts';

let house: IdentityHouse;
let administrator: Person;
let officer: Person;
let writer: string;
let apps: { readonly plain: Awaited<ReturnType<typeof newApp>>; readonly whole: Awaited<ReturnType<typeof newApp>> };
let chart: string;

type Json = Record<string, unknown>;
const reason = 'Needed for the work of this test.';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const soon = (ms = 3_600_000): string => new Date(Date.now() + ms).toISOString();
const ask = (token: string, path: string, headers: Asked['headers'] = {}): Promise<Answer> =>
  house.safeguard.request({ path: `/fhir/R4/${path}`, token, headers });

async function create(body: Json, token = writer): Promise<string> {
  const path = `/fhir/R4/${body.resourceType}`;
  const made = await house.safeguard.request({ method: 'POST', path, token, body });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

let number = 0;
async function somebody(wanted?: Wanted, { approver = administrator, scope = 'openid user/*.rs', ...of } = {}) {
  number += 1;
  const invited: Invited = { login: `p${number}@default.example`, scopes: 'user/*.rs', ...of };
  const person = await invite(house.safeguard, invited);
  const grant = wanted === undefined ? '' : await grantBy(approver, person, wanted);
  const app = scope.includes('safeguard/') ? apps.whole : apps.plain;
  return { person, grant, token: (await tokensFor(person.jar, app, { scope })).access_token };
}

before(async () => {
  house = await identityHouse();
  const { safeguard } = house;
  administrator = await firstAdministrator(safeguard);
  writer = await safeguard.token('system/*.cruds');
  apps = {
    plain: await newApp(safeguard, { scopes: 'user/*.rs' }),
    whole: await newApp(safeguard, { scopes: 'user/*.rs safeguard/access' }),
  };
  chart = await create({ resourceType: 'Patient', name: [{ family: 'Canary' }], birthDate: '1980-02-03' });
  officer = (await somebody({ role: 'privacy-officer' })).person;
});
after(() => house?.remove());

const standing = JSON.stringify({ kind: 'standing', holdings: [{ role: 'practice-clinician', kind: 'standing' }] });

test('a standing that somebody sends is no standing', async () => {
  const { person, token } = await somebody();
  for (const name of ['standing', 'x-standing', 'safeguard-standing', 'x-roles', 'x-safeguard-principal']) {
    assert.equal((await ask(token, `Patient/${chart}`, { [name]: standing })).status, 403, name);
  }
  assert.equal((await ask(token, `Patient?standing=${encodeURIComponent(standing)}`)).status, 403);
  const body = { standing: JSON.parse(standing), roles: ['administrator'] };
  for (const path of ['/access/requests', '/access/break-glass', '/access/explanations']) {
    const answer = await person.jar.api('POST', path, { ...body, role: 'clinician', reason, until: soon() });
    assert.equal(answer.status, 400, `${path}: ${answer.text}`);
  }
  assert.equal((await person.jar.api('PATCH', '/me', body)).status, 400);
});

test('what a request says of its purpose never widens, and says nothing twice', async () => {
  const { token } = await somebody({ role: 'clinician' });
  const bill = await somebody({ role: 'billing' });
  const purposed = (purpose: string): Asked['headers'] => ({ 'purpose-of-use': purpose });
  assert.equal((await ask(bill.token, `Patient/${chart}`)).status, 200);
  assert.equal((await ask(bill.token, `Patient/${chart}`, purposed('TREAT'))).status, 403, 'not for this');
  for (const code of ['ETREAT', 'BTG', 'HPAYMT', 'HSYSADMIN']) {
    const { status } = await ask(token, `Patient/${chart}`, purposed(code));
    assert.ok([403, 404].includes(status), `${code}: ${status}`);
  }
  const nonsense = [
    'treat',
    'TREAT ',
    '',
    'TREAT,HPAYMT',
    'HPAYMT, TREAT',
    '*',
    '["TREAT"]',
    'constructor',
    '__proto__',
  ];
  for (const code of nonsense.filter((one) => one.trim() === one)) {
    const { status } = await ask(bill.token, `Patient/${chart}`, purposed(code));
    assert.equal(status, 400, code);
  }
  const twice = { 'purpose-of-use': ['HPAYMT', 'TREAT'] } as unknown as Record<string, string>;
  assert.equal((await ask(bill.token, `Patient/${chart}`, twice)).status, 400);
});

test('a view that is asked for never widens, and says nothing twice', async () => {
  const study = await somebody({ role: 'researcher' }, { approver: officer });
  const treat = await somebody({ role: 'practice-clinician' });
  const viewed = (view: string): Asked['headers'] => ({ 'safeguard-view': view });
  for (const view of ['full', 'without-identity', 'limited', 'deidentified']) {
    const { status, text } = await ask(study.token, 'Patient?_count=50', viewed(view));
    assert.ok([200, 400, 403].includes(status) && !/Canary|1980-02|family/.test(text), `${view}: ${status} ${text}`);
  }
  assert.match((await ask(treat.token, 'Patient?_count=50')).text, /Canary/, 'negative control');
  const narrowed = await ask(treat.token, 'Patient?_count=50', viewed('deidentified'));
  assert.doesNotMatch(narrowed.text, /Canary|1980-02/);
  for (const view of ['Full', 'full,deidentified', 'deidentified, full', '', '*', 'toString', '__proto__']) {
    assert.equal((await ask(treat.token, 'Patient', viewed(view))).status, 400, view);
  }
  const twice = { 'safeguard-view': ['deidentified', 'full'] } as unknown as Record<string, string>;
  assert.equal((await ask(treat.token, 'Patient', twice)).status, 400);
});

const newRequest = async (by: Person, more: Json = {}): Promise<string> => {
  const asked = await by.jar.api('POST', '/access/requests', { role: 'clinician', reason, until: soon(), ...more });
  assert.equal(asked.status, 201, asked.text);
  return asked.json.id;
};
const decision = (id: string): string => `/access/requests/${id}/decision`;
const approve = { verdict: 'approve' };

test('nobody decides for themselves: what they asked, what is for them, twice, or what is decided', async () => {
  const { person } = await somebody();
  const own = await newRequest(administrator);
  assert.equal((await administrator.jar.api('POST', decision(own), approve)).status, 403, 'asked by themselves');
  const forOfficer = await newRequest(person, { account: officer.id });
  assert.equal((await officer.jar.api('POST', decision(forOfficer), approve)).status, 403, 'for themselves');
  assert.equal((await person.jar.api('POST', decision(forOfficer), approve)).status, 403, 'no approver');
  // An administrator takes two. The same one twice is one.
  const high = await newRequest(person, { role: 'administrator' });
  const first = await officer.jar.api('POST', decision(high), approve);
  assert.deepEqual([first.status, first.json.state], [200, 'open'], first.text);
  const again = await officer.jar.api('POST', decision(high), approve);
  assert.ok([403, 409].includes(again.status), again.text);
  const second = await administrator.jar.api('POST', decision(high), approve);
  assert.deepEqual([second.status, second.json.state], [200, 'approved'], second.text);
  const replayed = await administrator.jar.api('POST', decision(high), approve);
  assert.equal(replayed.status, 409, 'decided already');
  assert.equal((await officer.jar.api('POST', decision(high), { verdict: 'reject', reason })).status, 409);
});

test('an administrator makes no second self that approves: the role takes two others', async () => {
  const body = {
    login: 'second-self@default.example',
    name: 'Second Self',
    kind: 'workforce',
    roles: ['administrator'],
  };
  const made = await administrator.jar.api('POST', '/accounts', body);
  assert.ok([400, 403, 409].includes(made.status), made.text);
  const plain = await administrator.jar.api('POST', '/accounts', { ...body, roles: [] });
  assert.equal(plain.status, 201, plain.text);
  const { id } = plain.json.account ?? plain.json;
  const raised = await administrator.jar.api('PATCH', `/accounts/${id}`, { roles: ['administrator'] });
  assert.ok([400, 403, 409].includes(raised.status), raised.text);
  const wanted = await newRequest(administrator, { account: id, role: 'privacy-officer' });
  assert.equal((await administrator.jar.api('POST', decision(wanted), approve)).status, 403, 'asked by themselves');
});

test('an app approves nothing without its scope, and a program nothing at all', async () => {
  const { token } = await somebody({ role: 'security-officer' });
  const { person } = await somebody();
  const id = await newRequest(person);
  const sends = (by: string) =>
    house.safeguard.request({
      ...{ method: 'POST', path: `/api/v1${decision(id)}`, token: by, body: approve },
      headers: { 'content-type': 'application/json' },
    });
  assert.equal((await sends(token)).status, 403);
  assert.equal((await sends(await house.safeguard.token('system/*.cruds safeguard/access'))).status, 403);
  assert.equal((await person.jar.api('GET', `/access/requests/${id}`)).json.state, 'open');
});

test('approved and withdrawn at once: one of the two, and never a grant of what was withdrawn', async () => {
  const { person } = await somebody();
  for (let round = 0; round < 6; round += 1) {
    const id = await newRequest(person, { patients: [chart] });
    const [decided, withdrawn] = await Promise.all([
      administrator.jar.api('POST', decision(id), approve),
      person.jar.api('POST', `/access/requests/${id}/withdrawal`),
    ]);
    assert.deepEqual([decided.status, withdrawn.status].sort(), [200, 409], `${decided.text} ${withdrawn.text}`);
    const { json } = await person.jar.api('GET', `/access/requests/${id}`);
    assert.equal(json.state, decided.status === 200 ? 'approved' : 'withdrawn');
    assert.equal(json.grant !== null && json.grant !== undefined, decided.status === 200);
    if (json.grant) assert.equal((await administrator.jar.api('POST', `/access/grants/${json.grant}/end`)).status, 200);
  }
});

test('an elevation and an approval want a fresh factor; an emergency lasts an hour at most', async () => {
  const { person } = await somebody({ role: 'clinician' });
  const emergency = { patient: chart, reason };
  for (const more of [{ minutes: 61 }, { minutes: 0 }, { minutes: -5 }, { minutes: 1e9 }, { until: soon(9e6) }]) {
    const opened = await person.jar.api('POST', '/access/break-glass', { ...emergency, ...more });
    assert.equal(opened.status, 400, JSON.stringify(more));
  }
  const opened = await person.jar.api('POST', '/access/break-glass', emergency);
  assert.equal(opened.status, 201, opened.text);
  const until = JSON.stringify(opened.json).match(/"until":"([^"]+)"/)?.[1] ?? '';
  assert.ok(Date.parse(until) <= Date.now() + 3_600_000, until);
  const worker = await somebody();
  await house.makeStale(worker.person);
  const elevation = { role: 'operator', reason, until: soon() };
  const asked = await worker.person.jar.api('POST', '/access/elevations', elevation);
  assert.deepEqual([asked.status, asked.json.errors?.[0]?.code], [401, 'reauthenticate'], asked.text);
});

test('a grant that ends while its holder turns pages: the next page is refused', async () => {
  const { grant, token } = await somebody({ role: 'practice-clinician' });
  for (const family of ['One', 'Two', 'Three']) await create({ resourceType: 'Patient', name: [{ family }] });
  const nextOf = ({ json }: Answer): string =>
    json.link.find(({ relation }: { relation: string }) => relation === 'next').url;
  const first = await ask(token, 'Patient?_count=1');
  const page = (): Promise<Answer> => house.safeguard.request({ path: nextOf(first), token });
  assert.equal((await page()).status, 200, 'negative control');
  assert.equal((await administrator.jar.api('POST', `/access/grants/${grant}/end`)).status, 200);
  await pause(1_500);
  assert.equal((await page()).status, 403);
});

test('a patient who refuses while somebody turns pages is on none of the next ones', async () => {
  const { token } = await somebody({ role: 'practice-clinician' });
  const subject = await create({ resourceType: 'Patient', name: [{ family: 'Refuser' }] });
  const note = { resourceType: 'Flag', status: 'active', code: { text: 'canary' } };
  for (let at = 0; at < 4; at += 1) await create({ ...note, subject: { reference: `Patient/${subject}` } });
  const first = await ask(token, 'Flag?_count=1');
  assert.equal(first.json.entry.length, 1);
  const { url } = first.json.link.find(({ relation }: { relation: string }) => relation === 'next');
  await create({
    ...{ resourceType: 'Consent', status: 'active', patient: { reference: `Patient/${subject}` } },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
    provision: { type: 'deny' },
  });
  await pause(1_500);
  const next = await house.safeguard.request({ path: url, token });
  assert.deepEqual([next.status, next.json.entry ?? []], [200, []], next.text);
});

/** As the server's own role, in the tenant: what an injection, or a stolen password of that role, could do. */
async function asServer(text: string, values: readonly unknown[] = []): Promise<{ count: number; error?: string }> {
  const client = await house.inside.databases.as('safeguard_identity', 'identity');
  try {
    await client.query("select set_config('safeguard.tenant', '1', false)");
    return { count: (await client.query(text, [...values])).rowCount ?? 0 };
  } catch (error) {
    return { count: 0, error: (error as Error).message };
  } finally {
    await client.end();
  }
}

test('the server’s own role of the database cannot lengthen, widen, revive or make up a grant', async () => {
  const { person, grant } = await somebody({ role: 'clinician', patients: [chart] });
  const ended = await somebody({ role: 'clinician' });
  assert.equal((await administrator.jar.api('POST', `/access/grants/${ended.grant}/end`)).status, 200);
  const request = await newRequest(person, { role: 'billing' });
  const rejected = await newRequest(person, { role: 'front-desk' });
  assert.equal((await officer.jar.api('POST', decision(rejected), { verdict: 'reject', reason })).status, 200);
  const tries: readonly (readonly [string, ...unknown[]])[] = [
    ['update access.grant set until_at = now() + interval $$9 years$$ where id = $1', grant],
    [`update access.grant set role = 'practice-clinician' where id = $1`, grant],
    ['update access.grant set patients = null where id = $1', grant],
    [`update access.grant set opens = '{hiv}' where id = $1`, grant],
    ['update access.grant set account = $2 where id = $1', grant, officer.id],
    ['delete from access.grant where id = $1', grant],
    ['update access.grant set ended_at = null, ended_why = null, ended_by = null where id = $1', ended.grant],
    [
      `insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
        select gen_random_uuid(), tenant, id, kind, account, role, now(), until_at, 1
        from access.request where id = $1`,
      request,
    ],
    [
      `insert into access.decision (id, tenant, request, decided_by, verdict, decided_at)
        select gen_random_uuid(), tenant, id, account, 'approve', now() from access.request where id = $1`,
      request,
    ],
    ['update access.request set needed = 0 where id = $1', request],
    [`update access.request set role = 'administrator' where id = $1`, request],
    [`update access.request set state = 'open' where id = $1`, rejected],
    ['update access.decision set verdict = $$approve$$ where request = $1', rejected],
    ['delete from access.decision where request = $1', rejected],
    ['alter table access.grant disable trigger all'],
    ['drop trigger grant_was_approved on access.grant'],
  ];
  const done: string[] = [];
  for (const [text, ...values] of tries) {
    const { count, error } = await asServer(text, values);
    if (error === undefined && count > 0) done.push(text);
    if (error === undefined && count === 0 && !text.startsWith('insert')) done.push(`nothing said: ${text}`);
  }
  assert.deepEqual(done, []);
  // Negative control: what it is for, it does.
  const used = await asServer('update access.grant set used_at = now() where id = $1', [grant]);
  assert.equal(used.count, 1, used.error);
  // Of another tenant it sees nothing.
  const client = await house.inside.databases.as('safeguard_identity', 'identity');
  await client.query("select set_config('safeguard.tenant', '77', false)");
  assert.equal((await client.query('select from access.grant')).rowCount, 0);
  await client.end();
});
