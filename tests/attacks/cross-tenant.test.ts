import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownOfAccess, peopleAttacks } from '../harness/attacked-access.ts';
import { pageAttacks } from '../harness/attacked-pages.ts';
import { attacks, impersonal } from '../harness/attacked-routes.ts';
import type { Answer, Asked } from '../harness/instance.ts';
import { bySecret, forEverybody, ownAlone } from '../harness/listed-identity.ts';
import { servedRoutes } from '../harness/routes.ts';
import { shape } from '../harness/shape.ts';
import {
  bodiesOf,
  bundle,
  create,
  form,
  idOf,
  type Resource,
  type TwoTenants,
  twoTenants,
  typeOf,
} from '../harness/two-tenants.ts';

let two: TwoTenants;
before(async () => {
  two = await twoTenants();
});
after(() => two?.remove());

test('every route of the server is known to this test or to identity-cross-tenant.test.ts', () => {
  const identity = [...Object.keys(peopleAttacks), ...ownAlone, ...ownOfAccess, ...bySecret, ...forEverybody];
  const known = [attacks, pageAttacks].flatMap((table) => Object.keys(table)).concat(impersonal, identity);
  assert.equal(new Set(known).size, known.length, 'each in one place');
  const routes = servedRoutes().map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(routes.sort(), known.sort());
});

test('with another tenant’s ids every route answers as if they had never been, and is recorded', async () => {
  const { inside, tenants, thief, places, ask, recordedOnce } = two;
  const bodies = await bodiesOf(two);
  const before = await inside.entries(tenants.victim);
  const answers: Answer[] = [];
  for (const [route, { tries, served = [] }] of Object.entries(attacks)) {
    for (const place of places) {
      const type = typeOf(place);
      /** A valid body of the type: the victim's own, with the id asked for. */
      const body = (id: string): Resource => ({ resourceType: type, ...bodies.get(type), id });
      for (const [index, attack] of tries(type, body).entries()) {
        const real = await ask(thief, attack(idOf(place)));
        const never = await ask(thief, attack(randomUUID()));
        const what = `${route} #${index} ${place}: ${real.text.slice(0, 300)}`;
        assert.deepEqual(shape(real), shape(never), what);
        assert.ok([403, 404, 405, ...served].includes(real.status), `${real.status} ${what}`);
        assert.ok(!/"total":[1-9]/.test(real.text), what);
        if (route === 'POST /fhir/R4') assert.ok(!/"status":"2\d\d (?!OK)/.test(real.text), what);
        answers.push(real, never);
      }
    }
  }
  await recordedOnce(answers, tenants.thief, thief.client_id);
  assert.equal(await inside.entries(tenants.victim), before, 'nothing in the log of the victim');
});

const asks = /^(?:GET|POST .*(?:_search|\$meta|\$lastn|\$everything|:id\/\$validate))$|^GET /;

test('negative control: on every route that shows something the victim itself is answered otherwise', async () => {
  const { victim, patient, places, ask } = two;
  const observation = places.find((place) => typeOf(place) === 'Observation') ?? '';
  const silent: string[] = [];
  for (const [route, { tries }] of Object.entries(attacks)) {
    if (!asks.test(route) || !/:id|:type|_search|R4$/.test(route) || /reindex|:type\/(_history|\$meta)/.test(route))
      continue;
    const differ = await Promise.all(
      [patient, observation].flatMap((place) =>
        tries(typeOf(place), (id) => ({ resourceType: typeOf(place), id })).map(async (attack) => {
          const [real, never] = [await ask(victim, attack(idOf(place))), await ask(victim, attack(randomUUID()))];
          return JSON.stringify(shape(real)) !== JSON.stringify(shape(never));
        }),
      ),
    );
    if (!differ.includes(true)) silent.push(route);
  }
  assert.deepEqual(silent, [], 'what is tried on these routes could tell nothing');
});

test('what shows a whole type or everything shows nothing of another tenant, nor does a reindex touch it', async () => {
  const { tenants, inside, victim, thief, places, ask } = two;
  const addresses = ['_history?_count=1000', 'Patient/_history?_count=1000', '?_count=1000', 'Patient?_count=1000'];
  const stolen = async (client: { token: string }): Promise<string[]> => {
    const texts = await Promise.all(
      addresses.map(async (path) => (await ask(client, { path: `/fhir/R4/${path}` })).text),
    );
    const urls = texts.flatMap((text) => [...text.matchAll(/"fullUrl":"[^"]*\/([0-9a-f-]{36})"/g)].map(([, id]) => id));
    return places.map(idOf).filter((id) => urls.includes(id));
  };
  assert.deepEqual(await stolen(thief), []);
  assert.equal((await stolen(victim)).length, places.length, 'negative control');
  assert.equal((await ask(thief, { method: 'POST', path: '/fhir/R4/$reindex' })).status, 202);
  assert.equal((await ask(thief, { method: 'POST', path: '/fhir/R4/Patient/$reindex' })).status, 202);
  const status = async () => (await ask(thief, { path: '/fhir/R4/$reindex-status' })).json.parameter ?? [];
  for (let tries = 0; tries < 100 && (await status()).length === 0; tries += 1) await sleep(50);
  const rows = await inside.databases.sql('clinical', 'select distinct tenant from records.reindex');
  assert.deepEqual(rows, [{ tenant: tenants.thief }]);
});

test('another tenant’s identifiers are found by no search, condition or reference', async () => {
  const { tenants, victim, thief, patient, identifier, ask, recordedOnce } = two;
  const searches = (value: string): Asked[] => [
    { path: `/fhir/R4/Patient?identifier=${value}&_total=accurate` },
    { path: `/fhir/R4/Patient?identifier=https://fhir.example.org/canary|${value}&_summary=count` },
    { path: `/fhir/R4/Patient?identifier=https://fhir.example.org/canary|&_total=accurate` },
    { method: 'POST', path: '/fhir/R4/Patient/_search', headers: form, body: `identifier=${value}` },
    create({ resourceType: 'Patient' }, { 'if-none-exist': `identifier=${value}` }),
    bundle('transaction', {
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${value}` },
    }),
    bundle('transaction', {
      resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: `Patient?identifier=${value}` } },
      request: { method: 'POST', url: 'Basic' },
    }),
  ];
  const answers: Answer[] = [];
  const never = searches('n'.repeat(identifier.length));
  for (const [index, asked] of searches(identifier).entries()) {
    const real = await ask(thief, asked);
    const other = await ask(thief, never[index] ?? asked);
    assert.deepEqual(shape(real), shape(other), real.text);
    assert.ok(!real.text.includes(idOf(patient)) && !/"total":[1-9]/.test(real.text));
    answers.push(real, other);
  }
  await recordedOnce(answers, tenants.thief);
  const own = await ask(victim, { path: `/fhir/R4/Patient?identifier=${identifier}&_total=accurate` });
  assert.equal(own.json.total, 1, 'negative control');
});

test('another tenant’s page links are no page links', async () => {
  const { tenants, victim, thief, identifier, ask, recordedOnce } = two;
  const first = await ask(victim, { path: '/fhir/R4/Practitioner?_count=1' });
  const searched = await ask(victim, { path: `/fhir/R4/Patient?identifier=${identifier}&_count=1` });
  const links: string[] = [...first.json.link, ...searched.json.link].map(({ url }) => url);
  const answers: Answer[] = [];
  for (const link of links) {
    const real = await ask(thief, { path: link });
    const garbage = await ask(thief, { path: link.replace(/_page=.*/, `_page=${'A'.repeat(120)}`) });
    const plain = (answer: Answer) => ({ ...shape(answer), length: 0 });
    assert.equal(real.status, 400);
    assert.deepEqual(plain(real), plain(garbage));
    assert.equal((await ask(victim, { path: link })).status, 200, 'negative control');
    answers.push(real, garbage);
  }
  const otherType = await ask(victim, { path: (links[0] ?? '').replace('/Practitioner?', '/Patient?') });
  assert.equal(otherType.status, 400);
  await recordedOnce(answers, tenants.thief);
});

test('the victim has what it had', async () => {
  const { victim, places, patient, ask } = two;
  for (const place of places) {
    const answer = await ask(victim, { path: `/fhir/R4/${place}/_history` });
    assert.equal(answer.json.total, place === patient ? 2 : 1, place);
  }
});
