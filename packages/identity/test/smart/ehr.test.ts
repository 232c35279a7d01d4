import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  allow,
  createBrowser,
  exchange,
  principalOf,
  request,
  scopesOf,
  signedInBrowser,
  token,
  told,
} from './browser.ts';
import {
  agent,
  makeAccount,
  makeApp,
  makePatient,
  openWorld,
  type Served,
  signIn,
  type TestApp,
  type World,
} from './world.ts';

let world: World;
let served: Served;
before(async () => {
  world = await openWorld();
  served = await world.serve();
});
after(() => world.close());

const scope = 'openid fhirUser launch patient/*.rs online_access';

interface Made {
  readonly status: number;
  readonly launch: string;
  readonly launch_url: string;
}

async function launch(cookie: string, body: object, headers: Record<string, string> = {}): Promise<Made> {
  const answer = await fetch(`${served.url}/api/v1/launches`, {
    method: 'POST',
    headers: { cookie, origin: served.url, 'user-agent': agent, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, ...((await answer.json()) as object) } as Made;
}

const clinician = async () => {
  const account = await makeAccount(world, { scopes: ['user/*.rs'], fhir_user: 'Practitioner/7' });
  return { account, cookie: await signIn(world, account) };
};

const error = async (app: TestApp, cookie: string, secret: string, more: Record<string, string> = {}) => {
  const browser = createBrowser(served);
  browser.setCookie(cookie);
  return told(await browser.get(request(served, app, { scope, launch: secret, ...more }).url))['error'];
};

test('an EHR launch: what is open there is open here, through every refresh', async () => {
  const patient = makePatient(world, 'Launched');
  const { account, cookie } = await clinician();
  const app = await makeApp(world);
  const encounter = randomUUID();
  const context = {
    intent: 'reconcile-medications',
    need_patient_banner: false,
    smart_style_url: 'https://ehr.example/s.json',
  };
  const made = await launch(cookie, { client_id: app.client_id, patient: patient.id, encounter, ...context });
  assert.equal(made.status, 201);
  const url = new URL(made.launch_url);
  assert.equal(url.origin + url.pathname, 'https://app.example/launch');
  assert.equal(url.searchParams.get('iss'), served.fhir);
  assert.equal(url.searchParams.get('launch'), made.launch);
  const asked = request(served, app, { scope, launch: made.launch });
  const browser = createBrowser(served);
  browser.setCookie(cookie);
  const code = await allow(browser, asked.url);
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  for (const each of [tokens, await refreshed(app, tokens.refresh_token)]) {
    assert.equal(each['patient'], patient.id);
    assert.equal(each['encounter'], encounter);
    assert.deepEqual(Object.fromEntries(Object.keys(context).map((name) => [name, each[name]])), context);
    assert.deepEqual(scopesOf(each), ['fhirUser', 'launch', 'online_access', 'openid', 'patient/*.rs']);
  }
  assert.equal((await principalOf(served, tokens.access_token)).patient, patient.id);

  assert.equal(await error(app, cookie, made.launch), 'invalid_request', 'a launch makes one grant');
  const event = served.events.find(({ action }) => action === 'launch-create');
  assert.equal(event?.actor, account.id);
  assert.ok(!JSON.stringify(served.events).includes(made.launch));
});

const refreshed = (app: TestApp, refresh_token = '') =>
  token(served, app, { grant_type: 'refresh_token', refresh_token });

test('a launch of another app, another tenant, another person, unknown or late is one error', async () => {
  const patient = makePatient(world, 'Bound');
  const { cookie } = await clinician();
  const other = await clinician();
  const [app, another] = [await makeApp(world), await makeApp(world)];
  const { launch: secret } = await launch(cookie, { client_id: app.client_id, patient: patient.id });
  assert.equal(await error(another, cookie, secret), 'invalid_request', 'another app');
  assert.equal(await error(app, other.cookie, secret), 'invalid_request', 'another person');
  assert.equal(await error(app, cookie, `sge_${'A'.repeat(43)}`), 'invalid_request', 'unknown');
  assert.equal(await error(app, cookie, secret, { scope: 'patient/*.rs' }), 'invalid_request', 'without its scope');
  const abroad = await makeAccount(world, { tenant: 2 });
  const foreign = await makeApp(world, { tenant: 2 });
  assert.equal(await error(foreign, await signIn(world, abroad), secret), 'invalid_request', 'another tenant');
  await world.sql(`update identity.launch set created_at = now() - interval '1 hour', expires_at = now()`);
  assert.equal(await error(app, cookie, secret), 'invalid_request', 'late');
});

test('two requests at once with one launch make one code', async () => {
  const patient = makePatient(world, 'Raced');
  const { cookie } = await clinician();
  const app = await makeApp(world);
  const first = await launch(cookie, { client_id: app.client_id, patient: patient.id });
  const browser = createBrowser(served);
  browser.setCookie(cookie);
  await allow(browser, request(served, app, { scope, launch: first.launch }).url);
  const { launch: secret } = await launch(cookie, { client_id: app.client_id, patient: patient.id });
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => browser.ask(request(served, app, { scope, launch: secret }).url).then(told)),
  );
  assert.equal(answers.filter(({ code }) => code !== undefined).length, 1);
  assert.ok(answers.every((answer) => answer['code'] ?? answer['error'] === 'invalid_request'));
});

test('launches are for the workforce, of apps and patients of their own tenant', async () => {
  const patient = makePatient(world, 'Open');
  const { account, cookie } = await clinician();
  const app = await makeApp(world);
  const body = { client_id: app.client_id, patient: patient.id };
  const person = await makeAccount(world, { kind: 'patient', scopes: ['patient/*.rs'], patients: [patient.id] });
  assert.equal((await launch(await signIn(world, person), body)).status, 403, 'a patient');
  assert.equal((await launch(await signIn(world, account, 1), body)).status, 403, 'one factor');
  assert.equal((await launch(cookie, body, { origin: 'https://evil.example' })).status, 403, 'another site');
  assert.equal((await launch(cookie, { ...body, account: person.id })).status, 403, 'for somebody else');
  const bad = [
    { patient: makePatient(world, 'Abroad', 2).id },
    { patient: randomUUID() },
    { patient: 'x' },
    { client_id: (await makeApp(world, { tenant: 2 })).client_id },
    { client_id: (await makeApp(world, { state: 'pending' })).client_id },
    { smart_style_url: 'javascript:alert(1)' },
    { unknown: true },
  ];
  for (const each of bad) assert.equal((await launch(cookie, { ...body, ...each })).status, 400, JSON.stringify(each));
  assert.equal((await launch(cookie, body)).status, 201);
});

test('a launch for a patient account opens its own record and no other', async () => {
  const [own, other] = [makePatient(world, 'Own'), makePatient(world, 'Not own')];
  const account = await makeAccount(world, { kind: 'patient', scopes: ['patient/*.rs'], patients: [own.id] });
  const app = await makeApp(world);
  const { secret } = await import('../../oauth/smart/launches.ts').then(({ createLaunches }) =>
    createLaunches({ ...world, clock: { now: () => Date.now() } }).make({
      tenant: 1,
      client: app.client_id,
      account: null,
      made_by: app.client_id,
      context: { patient: other.id, encounter: null },
    }),
  );
  assert.equal(await error(app, await signIn(world, account), secret), 'access_denied');
});

test('what was granted ends with the account, the session, and the rights', async () => {
  const app = await makeApp(world);
  const grant = async (wanted: string) => {
    const account = await makeAccount(world, { scopes: ['user/*.rs'] });
    const browser = await signedInBrowser(world, served, account);
    const asked = request(served, app, { scope: `openid user/*.rs ${wanted}` });
    const code = await allow(browser, asked.url);
    return { account, tokens: await exchange(served, app, asked, code['code'] ?? '') };
  };
  const opens = async (access_token: string) =>
    Promise.resolve(principalOf(served, access_token)).then(
      ({ scopes }) => scopes,
      () => undefined,
    );
  const ended = async ({ tokens }: Awaited<ReturnType<typeof grant>>) =>
    [await opens(tokens.access_token), (await refreshed(app, tokens.refresh_token)).error] as const;

  const terminated = await grant('offline_access');
  assert.ok((await opens(terminated.tokens.access_token))?.includes('user/*.rs'));
  await world.accounts.terminate(1, terminated.account.id);
  assert.deepEqual(await ended(terminated), [undefined, 'invalid_grant']);

  const suspended = await grant('offline_access');
  await world.accounts.suspend(1, suspended.account.id);
  assert.deepEqual(await ended(suspended), [undefined, 'invalid_grant']);

  const [online, offline] = [await grant('online_access'), await grant('offline_access')];
  for (const { account } of [online, offline]) {
    const [session] = await world.sessions.list(1, account.id);
    assert.ok(await world.sessions.end(1, account.id, session?.id ?? ''));
  }
  assert.deepEqual(await ended(online), [undefined, 'invalid_grant'], 'online access ends with the session');
  assert.equal((await ended(offline))[1], undefined, 'offline access does not');

  const narrowed = await grant('offline_access');
  await world.accounts.change(1, narrowed.account.id, { scopes: ['user/Observation.r'] });
  assert.deepEqual(await ended(narrowed), [undefined, 'invalid_grant'], 'changed rights: the person is asked anew');
});
