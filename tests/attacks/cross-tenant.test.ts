import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createIdentity } from '@safeguard/identity';
import { createRecords } from '@safeguard/records';
import { canaryBundle } from '@safeguard/synthetic';
import { basic, type Client, newClient, newToken } from '../harness/clients.ts';
import { type Inside, openInside } from '../harness/inside.ts';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

let safeguard: Instance;
let inside: Inside;
/** Tenant numbers: whose data it is, and who wants them. */
const tenants = { victim: 0, thief: 0 };
let victim: Client;
let thief: Client;
/** `Type/id` of all that the victim has. */
const places: string[] = [];
let patient = '';
let identifier = '';

const ask = (client: { token?: string }, asked: Asked): Promise<Answer> =>
  safeguard.request({ ...(client.token === undefined ? {} : { token: client.token }), ...asked });

async function newTenant(name: string): Promise<number> {
  const made = await safeguard.cli('tenant', 'create', name, '--json');
  assert.equal(made.code, 0, made.stderr);
  return JSON.parse(made.stdout).id;
}

before(async () => {
  safeguard = await start({ tls: 'off' });
  inside = await openInside(safeguard.data);
  tenants.victim = await newTenant('victim');
  tenants.thief = await newTenant('thief');
  victim = await newClient(safeguard, { tenant: 'victim' });
  thief = await newClient(safeguard, { tenant: 'thief' });
  const { bundle, canaries } = canaryBundle(`x${randomUUID().slice(0, 8)}`);
  identifier = canaries.find(({ where }) => where === 'Patient.identifier[1].value')?.value ?? '';
  const loaded = await ask(victim, { method: 'POST', path: '/fhir/R4', body: bundle });
  assert.equal(loaded.status, 200, loaded.text);
  for (const { response } of loaded.json.entry) {
    places.push(/([A-Z][A-Za-z]+\/[0-9a-f-]{36})\/_history/.exec(response.location)?.[1] ?? '');
  }
  patient = places.find((place) => place.startsWith('Patient/')) ?? '';
  const { json } = await ask(victim, { path: `/fhir/R4/${patient}` });
  const put = await ask(victim, { method: 'PUT', path: `/fhir/R4/${patient}`, body: { ...json, active: false } });
  assert.equal(put.status, 200);
});

after(async () => {
  await inside?.close();
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

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

const typeOf = (place: string): string => place.split('/')[0] ?? '';
const idOf = (place: string): string => place.split('/')[1] ?? '';

const bundle = (type: string, ...entry: object[]): Asked => ({
  method: 'POST',
  path: '/fhir/R4',
  body: { resourceType: 'Bundle', type, entry },
});

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

const create = (body: { resourceType: string }, headers: Record<string, string> = {}): Asked => ({
  method: 'POST',
  path: `/fhir/R4/${body.resourceType}`,
  body,
  headers,
});

/** Routes that hold nothing of any tenant. */
const impersonal = [
  'GET /fhir/R4/metadata',
  'GET /fhir/R4/.well-known/smart-configuration',
  'POST /oauth2/token',
  'POST /oauth2/revoke',
];

const bodies = new Map<string, object>();
/** A valid body of the type: the victim's own, with the id asked for. */
const minimal = (type: string, id: string): object => ({ ...bodies.get(type), id });

test('every route of the server is known to this test', async () => {
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

/** The events of these answers: exactly one each, in the thief's log and in nobody else's. */
async function recordedOnce(answers: readonly Answer[], tenant: number, actor?: string): Promise<void> {
  const events = await inside.events(tenant);
  for (const { status, headers } of answers) {
    const own = events.filter(({ id }) => id === headers['x-request-id']);
    assert.equal(own.length, 1, `${status} ${headers['x-request-id']}: ${own.length} entries`);
    assert.equal(own[0]?.status, status);
    if (actor !== undefined) assert.equal(own[0]?.actor, actor);
  }
}

test('with another tenant’s ids every route answers as if they had never been, and is recorded', async () => {
  for (const place of places) {
    const { json } = await ask(victim, { path: `/fhir/R4/${place}` });
    const { meta: _meta, ...body } = json;
    bodies.set(typeOf(place), body);
  }
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
  const attack = attacks['GET /fhir/R4/:type/:id']?.tries('Patient')[0];
  assert.ok(attack);
  const real = await ask(victim, attack(idOf(patient)));
  const never = await ask(victim, attack(randomUUID()));
  assert.notDeepEqual(shape(real), shape(never));
});

test('another tenant’s identifiers are found by no search, condition or reference', async () => {
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
  const never = searches('never-was-any');
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
  for (const place of places) {
    const answer = await ask(victim, { path: `/fhir/R4/${place}/_history` });
    assert.equal(answer.json.total, place === patient ? 2 : 1, place);
  }
});

test('tokens that are revoked, expired, foreign or garbage open nothing, and that is recorded', async () => {
  const path = `/fhir/R4/${patient}`;
  const answers: Answer[] = [];
  const refused = async (authorization: string | undefined): Promise<void> => {
    const answer = await ask({}, { path, headers: authorization === undefined ? {} : { authorization } });
    assert.equal(answer.status, 401, authorization);
    assert.equal(answer.json.resourceType, 'OperationOutcome');
    assert.match(String(answer.headers['www-authenticate']), /^Bearer /);
    answers.push(answer);
  };
  const revoked = await newToken(safeguard, victim);
  assert.equal((await ask({ token: revoked }, { path })).status, 200);
  const body = `token=${revoked}`;
  const other = await ask(
    {},
    { method: 'POST', path: '/oauth2/revoke', headers: { ...form, authorization: basic(thief) }, body },
  );
  assert.equal(other.status, 200);
  assert.equal((await ask({ token: revoked }, { path })).status, 200, 'another client’s token cannot be revoked');
  await ask({}, { method: 'POST', path: '/oauth2/revoke', headers: { ...form, authorization: basic(victim) }, body });
  await refused(`Bearer ${revoked}`);

  const expired = await newToken(safeguard, victim);
  const move = `update identity.token set issued_at = now() - interval '2h', expires_at = now() - interval '1s'
    where issued_at = (select max(issued_at) from identity.token)`;
  await inside.databases.sql('identity', move);
  await refused(`Bearer ${expired}`);

  const ended = await newClient(safeguard, { tenant: 'victim' });
  assert.equal((await ask(ended, { path })).status, 200);
  assert.equal((await safeguard.cli('client', 'revoke', ended.client_id)).code, 0);
  await refused(`Bearer ${ended.token}`);

  const flipped = victim.token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const wrong = [
    flipped,
    victim.token.toLowerCase(),
    `${victim.token}x`,
    victim.client_secret,
    '',
    'null',
    '*',
    `' or 1=1--`,
  ];
  for (const token of wrong) await refused(`Bearer ${token}`);
  for (const header of [undefined, victim.token, `Basic ${victim.token}`, basic(victim), 'Bearer', 'x'.repeat(5000)]) {
    await refused(header);
  }
  await refused(`Bearer ${victim.token}, Bearer ${thief.token}`);
  await recordedOnce(answers, 0, 'anonymous');
  const events = await inside.events(0);
  const own = events.filter(({ id }) => answers.some(({ headers }) => headers['x-request-id'] === id));
  assert.ok(own.every(({ outcome, action }) => outcome === 'deny' && action === 'read'));
});

const deniedAll = async (client: Client, asks: readonly Asked[]): Promise<void> => {
  const answers: Answer[] = [];
  for (const asked of asks) {
    const answer = await ask(client, asked);
    assert.equal(answer.status, 403, `${asked.method} ${asked.path}: ${answer.text}`);
    answers.push(answer);
  }
  await recordedOnce(answers, tenants.victim, client.client_id);
};

const writes = (): Asked[] => [
  create({ resourceType: 'Patient' }),
  create({ resourceType: 'Patient' }, { 'if-none-exist': `identifier=${identifier}` }),
  { method: 'PUT', path: `/fhir/R4/${patient}`, body: { resourceType: 'Patient', id: idOf(patient) } },
  { method: 'DELETE', path: `/fhir/R4/${patient}` },
  bundle('transaction', { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } }),
  bundle('transaction', { request: { method: 'DELETE', url: patient } }),
];

test('a narrow scope permits what it says and nothing else; entries of a batch are decided one by one', async () => {
  const reader = await newClient(safeguard, { tenant: 'victim', scopes: 'system/Patient.r' });
  const observation = places.find((place) => place.startsWith('Observation/')) ?? '';
  assert.equal((await ask(reader, { path: `/fhir/R4/${patient}` })).status, 200);
  const reads = [`/fhir/R4/${observation}`, `/fhir/R4/${observation}/_history`, `/fhir/R4/${observation}/_history/1`];
  await deniedAll(reader, [
    ...writes(),
    ...[...reads, '/fhir/R4/Patient', `/fhir/R4/Patient?_id=${idOf(patient)}`].map((path) => ({ path })),
    { method: 'POST', path: '/fhir/R4/Patient/_search', headers: form, body: '_count=1' },
    bundle('transaction', { request: { method: 'GET', url: patient } }, { request: { method: 'GET', url: 'Patient' } }),
  ]);
  const entries = [
    { request: { method: 'GET', url: patient } },
    { request: { method: 'GET', url: observation } },
    { request: { method: 'GET', url: 'Patient?_count=1' } },
    { request: { method: 'DELETE', url: patient } },
    { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
    { resource: { resourceType: 'Patient', id: idOf(patient) }, request: { method: 'PUT', url: patient } },
    { request: { method: 'GET', url: `${patient}/_history/1` } },
  ];
  const batch = await ask(reader, bundle('batch', ...entries));
  assert.equal(batch.status, 200);
  const statuses = batch.json.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3));
  assert.deepEqual(statuses, ['200', '403', '403', '403', '403', '403', '200']);
  const within = (await inside.events(tenants.victim)).filter(({ within: of }) => of === batch.headers['x-request-id']);
  assert.deepEqual(within.map(({ status }) => String(status)).sort(), [...statuses].sort());
  assert.equal((await ask(victim, { path: `/fhir/R4/${patient}/_history` })).json.total, 2);
});

test('who may write but not search learns nothing by conditions', async () => {
  const writer = await newClient(safeguard, { tenant: 'victim', scopes: 'system/*.cud' });
  const basicResource = { resourceType: 'Basic', code: { text: 'x' } };
  const made = await ask(writer, create(basicResource));
  assert.equal(made.status, 201);
  const reference = { ...basicResource, subject: { reference: `Patient?identifier=${identifier}` } };
  const condition = { 'if-none-exist': `identifier=${identifier}` };
  await deniedAll(writer, [
    { path: `/fhir/R4/${patient}` },
    { path: `/fhir/R4/Patient?identifier=${identifier}` },
    create({ resourceType: 'Patient' }, condition),
    bundle('transaction', { resource: reference, request: { method: 'POST', url: 'Basic' } }),
    bundle('transaction', {
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${identifier}` },
    }),
    bundle('transaction', { request: { method: 'GET', url: patient } }),
  ]);
});

test('a de-identified view cannot write, whatever its scopes', async () => {
  const masked = await newClient(safeguard, { tenant: 'victim', view: 'deidentified' });
  assert.equal((await ask(masked, { path: `/fhir/R4/${patient}` })).status, 200);
  const searched = await ask(victim, { path: `/fhir/R4/Patient?identifier=${identifier}` });
  await deniedAll(masked, [
    ...writes(),
    { path: `/fhir/R4/Patient?identifier=${identifier}` },
    // A page link of a full view holds the search by identifier, sealed: it is decided anew.
    { path: searched.json.link[0].url },
  ]);
});

/** Tables of a segment that hold rows of the tenant, and how many rows of it the role sees when it speaks for another. */
async function seenAcross(segment: 'identity' | 'clinical' | 'ledger'): Promise<Record<string, number>> {
  const tables = await inside.databases.sql(
    segment,
    `select table_schema || '.' || table_name as name from information_schema.columns
      where column_name = 'tenant' and table_schema in ('records', 'seal', 'identity', 'ledger')`,
  );
  const role = await inside.databases.as(`safeguard_${segment}`, segment);
  try {
    await role.query(`select pg_catalog.set_config('safeguard.tenant', $1, false)`, [String(tenants.thief)]);
    const seen: Record<string, number> = {};
    for (const { name } of tables) {
      const count = `select count(*)::int as n from ${name} where tenant = ${tenants.victim}`;
      const [there] = await inside.databases.sql(segment, count);
      if (Number(there?.n) > 0) seen[String(name)] = Number((await role.query(count)).rows[0]?.n);
    }
    return seen;
  } finally {
    await role.end();
  }
}

const segments = ['identity', 'clinical', 'ledger'] as const;

async function secondWall(): Promise<void> {
  for (const segment of segments) {
    const seen = await seenAcross(segment);
    assert.ok(Object.keys(seen).length >= 2, `${segment}: ${Object.keys(seen)}`);
    for (const [table, rows] of Object.entries(seen)) assert.equal(rows, 0, `${segment} ${table}`);
  }
}

test('the second wall: a statement without its tenant condition sees nothing of another tenant', async () => {
  await secondWall();
  const role = await inside.databases.as('safeguard_clinical', 'clinical');
  try {
    const all = 'select id from records.resource';
    await assert.rejects(role.query(all), /safeguard\.tenant/, 'without a tenant there is an error, not rows');
    await role.query(`select pg_catalog.set_config('safeguard.tenant', $1, false)`, [String(tenants.thief)]);
    const changed = await role.query('update records.resource set version = version where true');
    const [own] = await inside.databases.sql(
      'clinical',
      `select count(*)::int as n from records.resource where tenant = $1`,
      [tenants.thief],
    );
    assert.equal(changed.rowCount, own?.n);
    const insert = `insert into records.intent (tenant, id, at, event) values ($1, gen_random_uuid(), now(), '')`;
    await assert.rejects(role.query(insert, [tenants.victim]), /row-level security/);
  } finally {
    await role.end();
  }
});

test('negative control: with the policy gone the same assertion fails', async () => {
  const { sql } = inside.databases;
  await sql('clinical', 'alter table records.resource disable row level security');
  try {
    await assert.rejects(secondWall(), /clinical records.resource/);
    assert.equal((await ask(thief, { path: `/fhir/R4/${patient}` })).status, 404, 'the first wall still stands');
  } finally {
    await sql('clinical', 'alter table records.resource enable row level security');
  }
  await secondWall();
});

test('a role of one segment cannot log in to the database of another', async () => {
  for (const segment of segments) {
    for (const other of segments.filter((one) => one !== segment)) {
      await assert.rejects(inside.databases.as(`safeguard_${segment}`, other), /permission denied|CONNECT/i);
    }
  }
});
