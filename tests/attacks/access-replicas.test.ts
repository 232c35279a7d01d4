/**
 * What changes rights at one server process is in force at every other within a second: an approval, an end, an expiry,
 * a consent and its withdrawal, a care team, an emergency and its end, a policy, a leaver. Two processes, one database.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { type App, newApp, tokensFor } from '../harness/oauth-app.ts';
import { firstAdministrator, type Invited, invite, type Person } from '../harness/people.ts';
import { startSecond } from '../harness/people-second.ts';
import { grantBy, type Wanted } from './matrix/askers.ts';

let first: Instance;
let second: Instance;
let administrator: Person;
let officer: Person;
let app: App;
let writer: string;
let practitioner: string;
before(async () => {
  first = await start();
  administrator = await firstAdministrator(first);
  second = await startSecond(first);
  writer = await first.token('system/*.cruds');
  practitioner = await create({ resourceType: 'Practitioner' });
  app = await newApp(first, { scopes: 'user/*.rs patient/*.cruds' });
  officer = await invite(first, { login: 'officer@default.example' });
  await grantBy(administrator, officer, { role: 'security-officer' });
});
after(async () => {
  await second?.stop();
  await first?.stop();
  await Promise.all([first, second].map((one) => (one === undefined ? undefined : removeData(one.data))));
});

type Json = Record<string, unknown>;

async function create(body: Json): Promise<string> {
  const made = await first.request({ method: 'POST', path: `/fhir/R4/${body.resourceType}`, token: writer, body });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

async function put(body: Json, token = writer): Promise<void> {
  const path = `/fhir/R4/${body.resourceType}/${body.id}`;
  const made = await first.request({ method: 'PUT', path, token, body });
  assert.equal(made.status, 200, made.text);
}

const newPatient = (): Promise<string> => create({ resourceType: 'Patient', name: [{ family: 'Chart' }] });

let number = 0;
/** Somebody with an app, with what they were granted. */
async function somebody(wanted?: Wanted, invited: Partial<Invited> = {}) {
  number += 1;
  const person = await invite(first, { login: `p${number}@default.example`, scopes: 'user/*.rs', ...invited });
  const grant = wanted === undefined ? '' : await grantBy(administrator, person, wanted);
  const { access_token } = await tokensFor(person.jar, app, { scope: 'openid user/*.rs' });
  return { person, grant, token: access_token };
}

const within_ms = 1_500;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
type Ask = () => Promise<number>;

/** At the second process. */
const reading =
  (token: string, patient: string, headers = {}): Ask =>
  async () =>
    (await second.request({ path: `/fhir/R4/Patient/${patient}`, token, headers })).status;

/**
 * The second process has just been asked, so that what it knows is as fresh as can be. From the moment when it is done
 * at the first, it may go on for a second, and half of one for a busy machine: nothing that is asked later is old.
 */
async function turns(ask: Ask, from: readonly number[], act: () => Promise<unknown>, to: readonly number[]) {
  const was = await ask();
  assert.ok(from.includes(was), `before: ${was}`);
  await act();
  const done = Date.now();
  for (;;) {
    const asked = Date.now();
    const status = await ask();
    if (to.includes(status)) break;
    assert.ok(from.includes(status), `in between: ${status}`);
    assert.ok(asked - done <= within_ms, `${status} still, ${asked - done} ms later`);
    await pause(40);
  }
  // And it stays so.
  await pause(1_100);
  assert.ok(to.includes(await ask()));
}

const served = [200];
const refused = [403, 404];
const ok = (answer: { status: number; text: string }): void =>
  assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status} ${answer.text}`);

test('control: where nothing happens, nothing changes', async () => {
  const { token } = await somebody({ role: 'practice-clinician' });
  const ask = reading(token, await newPatient());
  await assert.rejects(
    turns(ask, served, async () => undefined, refused),
    /200 still/,
  );
});

test('an approval, and the end of the grant', async () => {
  const { person, token } = await somebody();
  const ask = reading(token, await newPatient());
  let grant = '';
  const approve = async (): Promise<void> => {
    grant = await grantBy(administrator, person, { role: 'practice-clinician' });
  };
  await turns(ask, refused, approve, served);
  await turns(ask, served, async () => ok(await administrator.jar.api('POST', `/access/grants/${grant}/end`)), refused);
});

test('an expiry, to the moment: nothing is swept', async () => {
  const { person, grant, token } = await somebody({ role: 'practice-clinician', for_ms: 8_000 });
  const ask = reading(token, await newPatient());
  const told = await person.jar.api('GET', `/access/grants/${grant}`);
  const until = Date.parse(told.json.until);
  for (let seen = 0; ; seen += 1) {
    const asked = Date.now();
    const status = await ask();
    // One clock: what is asked after the end is refused, however fresh what a process knows.
    assert.ok(status === 200 || Date.now() >= until, `${status}, ${until - asked} ms before its end`);
    assert.ok(status !== 200 || asked < until, `served ${asked - until} ms after its end`);
    if (status === 200) continue;
    assert.ok(seen > 0 && refused.includes(status), 'there was a time before');
    break;
  }
});

test('a consent that denies, and its withdrawal', async () => {
  const { token } = await somebody({ role: 'practice-clinician' });
  const patient = await newPatient();
  const consent: Json = {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: `Patient/${patient}` },
    dateTime: '2020-01-01T00:00:00Z',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
    provision: { type: 'deny' },
  };
  // Everything is refused to everybody, the Consent too: the patient it is who withdraws it.
  const own = { login: `own-${patient}@default.example`, kind: 'patient', patients: [patient] } as const;
  const { jar } = await invite(first, { ...own, scopes: 'patient/*.cruds' });
  const by = (await tokensFor(jar, app, { scope: 'openid launch/patient patient/Consent.u' })).access_token;
  const ask = reading(token, patient);
  let id = '';
  const refuse = async (): Promise<void> => {
    id = await create(consent);
  };
  await turns(ask, served, refuse, refused);
  await turns(ask, refused, () => put({ ...consent, id, status: 'inactive' }, by), served);
});

test('a care team that somebody joins and leaves', async () => {
  const { token } = await somebody({ role: 'clinician' }, { fhir_user: `Practitioner/${practitioner}` });
  const patient = await newPatient();
  const team: Json = {
    resourceType: 'CareTeam',
    status: 'active',
    subject: { reference: `Patient/${patient}` },
    participant: [{ member: { reference: `Practitioner/${practitioner}` } }],
  };
  const ask = reading(token, patient);
  let id = '';
  const join = async (): Promise<void> => {
    id = await create(team);
  };
  await turns(ask, refused, join, served);
  await turns(ask, served, () => put({ ...team, id, status: 'inactive' }), refused);
});

test('an emergency, and its end by an officer who finds it unjustified', async () => {
  const { person, token } = await somebody({ role: 'clinician' });
  const patient = await newPatient();
  const reason = 'Unconscious, nobody else is here.';
  const ask = reading(token, patient, { 'purpose-of-use': 'ETREAT' });
  let grant = '';
  const open = async (): Promise<void> => {
    const opened = await person.jar.api('POST', '/access/break-glass', { patient, reason });
    assert.equal(opened.status, 201, opened.text);
    grant = opened.json.grant?.id ?? opened.json.id;
  };
  await turns(ask, refused, open, served);
  const verdict = { verdict: 'unjustified', reason: 'The patient was at home.' };
  const review = async (): Promise<void> =>
    ok(await officer.jar.api('POST', `/access/break-glass/${grant}/review`, verdict));
  await turns(ask, served, review, refused);
});

test('a policy that is put in force, and its roll-back', async () => {
  const { token } = await somebody({ role: 'practice-clinician' });
  const ask = reading(token, await newPatient());
  const at = (rest = ''): string => `/access/policies${rest}`;
  const approved = async (version: number): Promise<void> => {
    ok(await administrator.jar.api('POST', at(`/${version}/submission`)));
    ok(await officer.jar.api('POST', at(`/${version}/decision`), { verdict: 'approve' }));
  };
  const house = await administrator.jar.api('GET', at('/0'));
  const rules = house.json.policy.rules.filter(({ id }: { id: string }) => id !== 'practice-clinician-treats');
  const made = await administrator.jar.api('POST', at(), {
    policy: { ...house.json.policy, rules },
    note: 'Narrower.',
  });
  ok(made);
  const { version } = made.json;
  await approved(version);
  await turns(
    ask,
    served,
    async () => ok(await administrator.jar.api('POST', at(`/${version}/activation`), {})),
    refused,
  );
  const back = await administrator.jar.api('POST', at('/0/roll-back'));
  ok(back);
  if (back.json.state !== 'active') {
    await approved(back.json.version);
    const again = async (): Promise<void> =>
      ok(await administrator.jar.api('POST', at(`/${back.json.version}/activation`), {}));
    await turns(ask, refused, again, served);
  }
});

test('a leaver: one act ends all', async () => {
  const { person, token } = await somebody({ role: 'practice-clinician' });
  const ask = reading(token, await newPatient());
  const leave = async (): Promise<void> => ok(await administrator.jar.api('POST', `/accounts/${person.id}/terminate`));
  await turns(ask, served, leave, [401]);
});
