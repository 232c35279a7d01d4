import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createIdentity } from '@safeguard/identity';
import { createRecords } from '@safeguard/records';
import type { Answer, Asked } from '../harness/instance.ts';
import { bodiesOf, bundle, create, form, idOf, type TwoTenants, twoTenants, typeOf } from '../harness/two-tenants.ts';

let two: TwoTenants;
before(async () => {
  two = await twoTenants();
});
after(() => two?.remove());

/** An answer without what differs from request to request. */
function shape({ status, headers, text }: Answer): object {
  const { date: _date, 'x-request-id': _id, 'keep-alive': _keep, 'content-length': length, ...rest } = headers;
  const plain = (value: string): string =>
    value
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/_page=[\w-]+/g, '_page=<page>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
  const { etag, 'last-modified': modified, ...others } = rest;
  const named = { ...others, etag, modified: modified === undefined ? undefined : '<time>' };
  return { status, length, text: plain(text), headers: JSON.parse(plain(JSON.stringify(named))) };
}

/** One attack: with the victim's id it must come to the very same as with one that never was. */
type Attack = (id: string) => Asked;

/** What is tried on each route, for every resource of the victim; 4xx unless `served` says that nothing is found. */
const attacks: Readonly<Record<string, { tries: (type: string) => Attack[]; served?: number[] }>> = {
  'GET /fhir/R4/:type/:id': {
    tries: (type) => [
      (id) => ({ path: `/fhir/R4/${type}/${id}` }),
      (id) => ({ method: 'HEAD', path: `/fhir/R4/${type}/${id}` }),
      (id) => ({ path: `/fhir/R4/${type}/${id}`, headers: { 'if-none-match': 'W/"1", W/"2"' } }),
      (id) => ({ path: `/fhir/R4/${type}/${id}`, headers: { 'if-modified-since': new Date().toUTCString() } }),
    ],
  },
  'GET /fhir/R4/:type/:id/_history': {
    tries: (type) => [
      (id) => ({ path: `/fhir/R4/${type}/${id}/_history` }),
      (id) => ({ path: `/fhir/R4/${type}/${id}/_history?_count=1` }),
      (id) => ({ path: `/fhir/R4/${type}/${id}/_history?_before=3` }),
    ],
    // A page behind the last one is an empty page, whoever asks.
    served: [200],
  },
  'GET /fhir/R4/:type/:id/_history/:version': {
    tries: (type) => [1, 2, 3].map((version) => (id) => ({ path: `/fhir/R4/${type}/${id}/_history/${version}` })),
  },
  'PUT /fhir/R4/:type/:id': {
    tries: (type) => [
      ...[{}, { 'if-match': 'W/"1"' }, { 'if-match': 'W/"2"' }, { 'if-match': 'W/"9"' }].map(
        (headers): Attack =>
          (id) => ({ method: 'PUT', path: `/fhir/R4/${type}/${id}`, headers, body: minimal(type, id) }),
      ),
      (id) => bundle('transaction', { resource: minimal(type, id), request: { method: 'PUT', url: `${type}/${id}` } }),
    ],
  },
  'DELETE /fhir/R4/:type/:id': {
    tries: (type) => [
      (id) => ({ method: 'DELETE', path: `/fhir/R4/${type}/${id}` }),
      (id) => ({ method: 'DELETE', path: `/fhir/R4/${type}/${id}`, headers: { 'if-match': 'W/"1"' } }),
      (id) => bundle('transaction', { request: { method: 'DELETE', url: `${type}/${id}` } }),
    ],
  },
  'GET /fhir/R4/:type': {
    tries: (type) => [
      (id) => ({ path: `/fhir/R4/${type}?_id=${id}&_total=accurate` }),
      (id) => ({ path: `/fhir/R4/${type}?_id=${id}&_summary=count` }),
    ],
    served: [200],
  },
  'POST /fhir/R4/:type/_search': {
    tries: (type) => [
      (id) => ({ method: 'POST', path: `/fhir/R4/${type}/_search`, headers: form, body: `_id=${id}&_total=accurate` }),
    ],
    served: [200],
  },
  'POST /fhir/R4/:type': {
    tries: () => [
      (id) => create({ resourceType: 'Basic', id, code: { text: 'x' } }),
      (id) => create({ resourceType: 'Basic', code: { text: 'x' } }, { 'if-none-exist': `_id=${id}` }),
      (id) => create({ resourceType: 'Basic', code: { text: 'x' }, subject: { reference: `Patient/${id}` } }),
    ],
    served: [201],
  },
  'POST /fhir/R4': {
    tries: (type) => [
      (id) =>
        bundle(
          'batch',
          ...[`${type}/${id}`, `${type}/${id}/_history`, `${type}/${id}/_history/1`, `${type}?_id=${id}`].map(
            (url) => ({
              request: { method: 'GET', url },
            }),
          ),
          { resource: minimal(type, id), request: { method: 'PUT', url: `${type}/${id}`, ifMatch: 'W/"1"' } },
          { request: { method: 'DELETE', url: `${type}/${id}` } },
        ),
      (id) => bundle('transaction', { request: { method: 'GET', url: `${type}/${id}` } }),
    ],
    served: [200],
  },
};

/** Routes that hold nothing of any tenant. */
const impersonal = [
  'GET /fhir/R4/metadata',
  'GET /fhir/R4/.well-known/smart-configuration',
  'POST /oauth2/token',
  'POST /oauth2/revoke',
];

let bodies: ReadonlyMap<string, object>;
/** A valid body of the type: the victim's own, with the id asked for. */
const minimal = (type: string, id: string): object => ({ ...bodies.get(type), id });

test('every route of the server is known to this test', async () => {
  const { ask } = two;
  const nothing = {} as never;
  const identity = createIdentity({
    segment: nothing,
    clock: { now: () => 0 },
    scopes: nothing,
    settings: nothing,
    log: { warn: () => undefined },
  });
  const access = { guard: () => undefined } as never;
  const settings = { bundle_bytes: 1, bundle_ms: 1 };
  const deps = { identity: nothing, clinical: nothing, seal: nothing, ledger: nothing, clock: nothing, log: nothing };
  const records = createRecords({ ...deps, access, settings });
  const routes = [...identity.routes(), ...records.routes()].map(({ method, path }) => `${method} ${path}`);
  await identity.close();
  assert.deepEqual(routes.sort(), [...Object.keys(attacks), ...impersonal].sort());
  const { json } = await ask({}, { path: '/fhir/R4/metadata' });
  const told = json.rest[0].resource[0].interaction.map(({ code }: { code: string }) => code).sort();
  assert.deepEqual(told, ['create', 'delete', 'history-instance', 'read', 'search-type', 'update', 'vread']);
  assert.deepEqual(json.rest[0].interaction.map(({ code }: { code: string }) => code).sort(), ['batch', 'transaction']);
});

test('with another tenant’s ids every route answers as if they had never been, and is recorded', async () => {
  const { inside, tenants, thief, places, ask, recordedOnce } = two;
  bodies = await bodiesOf(two);
  const before = await inside.entries(tenants.victim);
  const answers: Answer[] = [];
  for (const [route, { tries, served = [] }] of Object.entries(attacks)) {
    for (const place of places) {
      for (const [index, attack] of tries(typeOf(place)).entries()) {
        const real = await ask(thief, attack(idOf(place)));
        const never = await ask(thief, attack(randomUUID()));
        const what = `${route} #${index} ${place}: ${real.text.slice(0, 300)}`;
        assert.deepEqual(shape(real), shape(never), what);
        assert.ok([403, 404, ...served].includes(real.status), `${real.status} ${what}`);
        assert.ok(!/"total":[1-9]/.test(real.text), what);
        if (route === 'POST /fhir/R4') assert.ok(!/"status":"2\d\d (?!OK)/.test(real.text), what);
        answers.push(real, never);
      }
    }
  }
  await recordedOnce(answers, tenants.thief, thief.client_id);
  assert.equal(await inside.entries(tenants.victim), before, 'nothing in the log of the victim');
});

test('negative control: the victim itself is answered otherwise', async () => {
  const { victim, patient, ask } = two;
  const attack = attacks['GET /fhir/R4/:type/:id']?.tries('Patient')[0];
  assert.ok(attack);
  const real = await ask(victim, attack(idOf(patient)));
  const never = await ask(victim, attack(randomUUID()));
  assert.notDeepEqual(shape(real), shape(never));
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
