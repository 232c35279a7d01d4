import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fault } from '@safeguard/kernel';
import { decodeJwt } from 'jose';
import {
  allow,
  type Browser,
  createBrowser,
  exchange,
  formOf,
  principalOf,
  request,
  scopesOf,
  signedInBrowser,
  token,
  told,
  without,
} from './browser.ts';
import { makeAccount, makeApp, makePatient, openWorld, type Served, signIn, type World } from './world.ts';

let world: World;
let served: Served;
before(async () => {
  world = await openWorld();
  served = await world.serve();
});
after(() => world.close());

const browserOf = (account: { id: string; tenant: number }): Promise<Browser> =>
  signedInBrowser(world, served, account);

test('a patient: their own record unasked; what they untick is not given; refresh keeps the context', async () => {
  const grace = makePatient(world, 'Grace Hopper');
  const account = await makeAccount(world, {
    kind: 'patient',
    scopes: ['patient/*.rs'],
    patients: [grace.id],
    fhir_user: `Patient/${grace.id}`,
  });
  const app = await makeApp(world);
  const scope =
    'openid fhirUser launch/patient offline_access patient/Observation.rs patient/Condition.rs patient/*.cud';
  const asked = request(served, app, { scope });
  const browser = createBrowser(served);
  const signing = await browser.ask((await browser.ask(asked.url)).location ?? '');
  assert.match(signing.location ?? '', /^\/sign-in\?tenant=default&return=%2Finteraction%2F[\w-]+$/);
  browser.setCookie(await signIn(world, account));
  const back = new URL(signing.location ?? '', served.url).searchParams.get('return') ?? '';
  const page = await browser.get(back);
  assert.equal(page.status, 200);
  assert.match(page.body, /Let Growth chart in\?/);
  assert.match(page.body, /Grace Hopper/);
  assert.ok(!page.body.includes('patient/*'), 'nothing that the account may not');
  let form = formOf(page);
  assert.deepEqual(form.getAll('kind'), ['patient/Observation.rs', 'patient/Condition.rs']);
  form = without(without(form, 'kind', 'patient/Condition.rs'), 'letter', 'patient/Observation.s');
  const code = told(await browser.post(`${page.url}/consent`, form));
  assert.equal(code['state'], asked.state);
  assert.equal(code['iss'], served.url);
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  const granted = ['fhirUser', 'launch/patient', 'offline_access', 'openid', 'patient/Observation.r'];
  assert.deepEqual(scopesOf(tokens), granted);
  assert.equal(tokens['patient'], grace.id);
  assert.equal(tokens['need_patient_banner'], true);
  assert.equal(tokens['tenant'], 'default');
  const claims = decodeJwt(tokens.id_token ?? '');
  assert.equal(claims['fhirUser'], `${served.fhir}/Patient/${grace.id}`);
  assert.equal(claims.sub, account.id);
  assert.equal(claims['acr'], 'http://idmanagement.gov/ns/assurance/aal/2');
  const principal = await principalOf(served, tokens.access_token);
  assert.deepEqual(
    principal.scopes.filter((each) => each.startsWith('patient/')),
    ['patient/Observation.r'],
  );
  assert.equal(principal.patient, grace.id);
  assert.deepEqual(principal.within, [grace.id]);
  const fresh = await token(served, app, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' });
  assert.deepEqual(scopesOf(fresh), granted);
  assert.equal(fresh['patient'], grace.id);
});

test('a proxy picks among its own patients; another one is refused', async () => {
  const [ann, ben, other] = [makePatient(world, 'Ann'), makePatient(world, 'Ben'), makePatient(world, 'Other')];
  const account = await makeAccount(world, { kind: 'proxy', scopes: ['patient/*.rs'], patients: [ann.id, ben.id] });
  const app = await makeApp(world);
  const asked = request(served, app, { scope: 'launch/patient patient/*.read' });
  const browser = await browserOf(account);
  const page = await browser.get(asked.url);
  assert.match(page.body, /Whose record\?/);
  assert.ok(page.body.includes('Ann') && page.body.includes('Ben') && !page.body.includes('Other'));
  assert.ok(!page.body.includes('type="search"'));
  const foreign = await browser.post(`${page.url}/patient`, new URLSearchParams({ patient: other.id }));
  assert.equal(foreign.status, 403);
  const searched = await browser.post(`${page.url}/search`, new URLSearchParams({ text: 'Other' }));
  assert.equal(searched.status, 403);
  const code = await allow(browser, asked.url, ben.id);
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  assert.equal(tokens['patient'], ben.id);
  assert.deepEqual(scopesOf(tokens), ['launch/patient', 'patient/*.read'], 'as the app spells it');
});

test('workforce searches by POST, under their own rights; the next time they are not asked again', async () => {
  const found = makePatient(world, 'Zuse, Konrad');
  makePatient(world, 'Zuse, Elsewhere', 2);
  const account = await makeAccount(world, { scopes: ['user/*.rs'] });
  const app = await makeApp(world);
  const scope = 'openid launch/patient patient/*.cruds';
  const asked = request(served, app, { scope });
  const browser = await browserOf(account);
  const page = await browser.get(asked.url);
  const list = await browser.post(`${page.url}/search`, new URLSearchParams({ text: 'zuse' }));
  assert.match(list.body, /Zuse, Konrad/);
  assert.ok(!list.body.includes('Elsewhere'));
  const look = world.patients.looks.at(-1);
  assert.equal(look?.principal.id, account.id);
  assert.deepEqual(look?.principal.scopes, ['user/*.rs']);
  assert.ok(!served.events.some((event) => JSON.stringify(event).includes('zuse')));
  const code = await allow(browser, asked.url, found.id);
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  assert.equal(tokens['patient'], found.id);
  assert.deepEqual(scopesOf(tokens), ['launch/patient', 'openid', 'patient/*.rs'], 'never more than the account may');

  const again = request(served, app, { scope });
  const second = await browser.get(again.url);
  assert.match(second.body, /Whose record\?/);
  const straight = told(await browser.post(`${second.url}/patient`, new URLSearchParams({ patient: found.id })));
  assert.ok(straight['code'], 'remembered for this patient');
  const more = await browser.get(request(served, app, { scope: `${scope} user/Observation.rs` }).url);
  const asksMore = await browser.post(`${more.url}/patient`, new URLSearchParams({ patient: found.id }));
  assert.match(asksMore.body, /Let Growth chart in\?/, 'more is asked');
  const anew = await browser.get(request(served, app, { scope, prompt: 'consent' }).url);
  const asksAnew = await browser.post(`${anew.url}/patient`, new URLSearchParams({ patient: found.id }));
  assert.match(asksAnew.body, /Let Growth chart in\?/, 'prompt=consent');
});

test('no is no: the app is told, nothing is granted or remembered', async () => {
  const account = await makeAccount(world);
  const app = await makeApp(world);
  const asked = request(served, app, { scope: 'user/*.rs' });
  const browser = await browserOf(account);
  const page = await browser.get(asked.url);
  const answer = told(await browser.post(`${page.url}/deny`, new URLSearchParams()));
  assert.equal(answer['error'], 'access_denied');
  assert.equal(answer['state'], asked.state);
  assert.match((await browser.get(asked.url)).body, /Let Growth chart in\?/);
  assert.ok(served.events.some(({ action, outcome }) => action === 'consent' && outcome === 'deny'));
});

test('aud: missing or another server is an error; with or without a slash it is ours', async () => {
  const browser = await browserOf(await makeAccount(world));
  const app = await makeApp(world);
  const error = async (aud: string | undefined) =>
    told(await browser.get(request(served, app, { scope: 'user/*.rs', aud }).url))['error'];
  assert.equal(await error(undefined), 'invalid_request');
  assert.equal(await error('https://evil.example/fhir/R4'), 'invalid_target');
  assert.equal(await error(`${served.fhir}/../R5`), 'invalid_target');
  assert.equal(await error(`${served.fhir}?x`), 'invalid_target');
  for (const aud of [served.fhir, `${served.fhir}/`]) {
    const asked = request(served, app, { scope: 'user/*.rs', aud });
    const code = await allow(browser, asked.url);
    assert.ok((await exchange(served, app, asked, code['code'] ?? '')).access_token);
  }
});

test('an app that is not approved gets a page, never a code', async () => {
  const browser = await browserOf(await makeAccount(world));
  for (const state of ['draft', 'pending', 'revoked']) {
    const app = await makeApp(world, { state });
    const page = await browser.get(request(served, app, { scope: 'user/*.rs' }).url);
    assert.equal(page.status, 400);
    assert.match(page.body, /not known|not been approved/);
  }
});

test('prompt=none: an answer where all is known, else the error that says what is missing', async () => {
  const app = await makeApp(world);
  const account = await makeAccount(world);
  const silent = request(served, app, { scope: 'openid user/*.rs', prompt: 'none' });
  assert.equal(told(await createBrowser(served).get(silent.url))['error'], 'login_required');
  const browser = await browserOf(account);
  assert.equal(told(await browser.get(silent.url))['error'], 'consent_required');
  const patient = request(served, app, { scope: 'openid patient/*.rs', prompt: 'none' });
  assert.equal(told(await browser.get(patient.url))['error'], 'interaction_required');
  await allow(browser, request(served, app, { scope: 'openid user/*.rs' }).url);
  assert.ok(told(await browser.get(silent.url))['code']);
});

test('prompt=login and max_age want a factor that was shown after the request', async () => {
  const app = await makeApp(world);
  const account = await makeAccount(world);
  for (const more of [{ prompt: 'login' }, { max_age: '60' }]) {
    const browser = createBrowser(served);
    browser.setCookie(await signIn(world, account));
    await world.sql(`update identity.session set authenticated_at = now() - interval '2 hours' where account = $1`, [
      account.id,
    ]);
    await new Promise((done) => setTimeout(done, 1_100));
    const start = await browser.ask(request(served, app, { scope: 'openid user/*.rs', ...more }).url);
    const looked = await browser.ask(start.location ?? '');
    assert.match(looked.location ?? '', /^\/sign-in\?/, JSON.stringify(more));
    browser.setCookie(await signIn(world, account));
    assert.match((await browser.get(start.location ?? '')).body, /Let Growth chart in\?/);
  }
});

test('encounters: chosen from those of the patient, or none; an id that was not on the page is refused', async () => {
  const encounter = '0b0f6c0e-6d4b-4a0e-9a59-1f2a35e6e001';
  const other = await world.serve({ encounters: [{ id: encounter, label: 'Outpatient visit' }] });
  const patient = makePatient(world, 'Encountered');
  const account = await makeAccount(world, { kind: 'patient', scopes: ['patient/*.rs'], patients: [patient.id] });
  const app = await makeApp(world);
  const browser = createBrowser(other);
  browser.setCookie(await signIn(world, account));
  const asked = request(other, app, { scope: 'launch/patient launch/encounter patient/*.rs' });
  const page = await browser.get(asked.url);
  assert.match(page.body, /Outpatient visit/);
  const forged = new URLSearchParams({ encounter: '0b0f6c0e-6d4b-4a0e-9a59-1f2a35e6e002' });
  assert.equal((await browser.post(`${page.url}/encounter`, forged)).status, 403);
  const consent = await browser.post(`${page.url}/encounter`, new URLSearchParams({ encounter }));
  const code = told(await browser.post(`${consent.url}/consent`, formOf(consent)));
  const tokens = await exchange(other, app, asked, code['code'] ?? '');
  assert.equal(tokens['encounter'], encounter);
});

test('who may see no visit goes on without one; `launch/encounter` asks for a patient by itself', async () => {
  const other = await world.serve({ encounters: fault('forbidden', 'Access denied.') });
  const own = [makePatient(world, 'Unvisited'), makePatient(world, 'Unvisited too')];
  const account = await makeAccount(world, {
    kind: 'proxy',
    scopes: ['user/Patient.rs', 'patient/Patient.rs'],
    patients: own.map(({ id }) => id),
  });
  const app = await makeApp(world, { scopes: ['user/Patient.rs'] });
  const browser = createBrowser(other);
  browser.setCookie(await signIn(world, account));
  const asked = request(other, app, { scope: 'launch/encounter user/Patient.rs' });
  const picker = await browser.get(asked.url);
  assert.match(picker.body, /Whose record\?/);
  const patient = own[1]?.id ?? '';
  const page = await browser.post(`${picker.url}/patient`, new URLSearchParams({ patient }));
  assert.match(page.body, /no visit of this record that you may choose/);
  assert.match(page.body, /Go on without one/);
  const forged = new URLSearchParams({ encounter: randomUUID() });
  assert.equal((await browser.post(`${page.url}/encounter`, forged)).status, 403);
  const consent = await browser.post(`${page.url}/encounter`, new URLSearchParams({ encounter: '' }));
  const code = told(await browser.post(`${consent.url}/consent`, formOf(consent)));
  const tokens = await exchange(other, app, asked, code['code'] ?? '');
  assert.deepEqual([tokens['patient'], 'encounter' in tokens], [patient, false]);
});
