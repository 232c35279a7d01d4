import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { basic, type Client, newClient, newToken } from '../harness/clients.ts';
import type { Answer, Asked } from '../harness/instance.ts';
import { bundle, create, form, idOf, type TwoTenants, twoTenants } from '../harness/two-tenants.ts';

let two: TwoTenants;
before(async () => {
  two = await twoTenants();
});
after(() => two?.remove());

test('tokens that are revoked, expired, foreign or garbage open nothing, and that is recorded', async () => {
  const { safeguard, inside, victim, thief, patient, ask, recordedOnce } = two;
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

async function deniedAll(client: Client, asks: readonly Asked[]): Promise<void> {
  const { tenants, ask, recordedOnce } = two;
  const answers: Answer[] = [];
  for (const asked of asks) {
    const answer = await ask(client, asked);
    assert.equal(answer.status, 403, `${asked.method} ${asked.path}: ${answer.text}`);
    answers.push(answer);
  }
  await recordedOnce(answers, tenants.victim, client.client_id);
}

const writes = ({ patient, identifier }: TwoTenants): Asked[] => [
  create({ resourceType: 'Patient' }),
  create({ resourceType: 'Patient' }, { 'if-none-exist': `identifier=${identifier}` }),
  { method: 'PUT', path: `/fhir/R4/${patient}`, body: { resourceType: 'Patient', id: idOf(patient) } },
  { method: 'DELETE', path: `/fhir/R4/${patient}` },
  bundle('transaction', { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } }),
  bundle('transaction', { request: { method: 'DELETE', url: patient } }),
  { method: 'PATCH', path: `/fhir/R4/${patient}`, headers: jsonPatch, body: '[{"op":"remove","path":"/active"}]' },
  { method: 'PATCH', path: `/fhir/R4/Patient?_id=${idOf(patient)}`, headers: jsonPatch, body: '[]' },
  { method: 'PUT', path: `/fhir/R4/Patient?_id=${idOf(patient)}`, body: { resourceType: 'Patient' } },
  { method: 'DELETE', path: `/fhir/R4/Patient?_id=${idOf(patient)}` },
  { method: 'POST', path: `/fhir/R4/${patient}/$meta-add`, body: tag },
  { method: 'POST', path: `/fhir/R4/${patient}/$meta-delete`, body: tag },
  ...permitted(patient),
];

const jsonPatch = { 'content-type': 'application/json-patch+json' };
const tag = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] };

/** What no scope gives: it takes a permission besides. */
const permitted = (patient: string): Asked[] => [
  { method: 'DELETE', path: `/fhir/R4/${patient}/_history` },
  { method: 'DELETE', path: `/fhir/R4/${patient}/_history/1` },
  { method: 'POST', path: `/fhir/R4/${patient}/$purge` },
  { method: 'POST', path: '/fhir/R4/$reindex' },
  { method: 'POST', path: '/fhir/R4/Patient/$reindex' },
  { path: '/fhir/R4/$reindex-status' },
];

test('whatever its scopes, without a permission nobody destroys or indexes anew', async () => {
  const { safeguard, victim, patient, ask } = two;
  await deniedAll(victim, permitted(patient));
  // A permission without the scope's letter is none either.
  const unscoped = await newClient(safeguard, {
    tenant: 'victim',
    scopes: 'system/*.rs',
    may: 'history-delete purge reindex',
  });
  await deniedAll(unscoped, permitted(patient));
  const may = await newClient(safeguard, { tenant: 'victim', may: 'reindex' });
  assert.equal((await ask(may, { path: '/fhir/R4/$reindex-status' })).status, 200, 'negative control');
});

/** Searching, and what is of other types. */
const wide = [
  ...['', '?_type=Patient', '_history', 'Patient/_history', 'Observation/_history', '$meta', 'Patient/$meta'],
  ...['Observation/$lastn?patient=x&code=y', '?_type=Patient,Observation'],
];

test('who may update but not read is shown nothing by a patch', async () => {
  const { safeguard, patient, ask } = two;
  const writer = await newClient(safeguard, { tenant: 'victim', scopes: 'system/*.cuds' });
  const guess = '[{"op":"test","path":"/active","value":false}]';
  const data = Buffer.from(guess).toString('base64');
  const entry = {
    resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data },
    request: { method: 'PATCH', url: patient },
  };
  const asks = [
    { method: 'PATCH', path: `/fhir/R4/${patient}`, headers: jsonPatch, body: guess },
    { method: 'PATCH', path: `/fhir/R4/Patient?_id=${idOf(patient)}`, headers: jsonPatch, body: guess },
    { method: 'POST', path: `/fhir/R4/${patient}/$meta-add`, body: tag },
    bundle('transaction', entry),
  ];
  await deniedAll(writer, asks);
  assert.match((await ask(writer, bundle('batch', entry))).text, /"status":"403/);
});

test('a narrow scope permits what it says and nothing else; entries of a batch are decided one by one', async () => {
  const { safeguard, inside, tenants, victim, places, patient, ask } = two;
  const reader = await newClient(safeguard, { tenant: 'victim', scopes: 'system/Patient.r' });
  const observation = places.find((place) => place.startsWith('Observation/')) ?? '';
  assert.equal((await ask(reader, { path: `/fhir/R4/${patient}` })).status, 200);
  const reads = [`/fhir/R4/${observation}`, `/fhir/R4/${observation}/_history`, `/fhir/R4/${observation}/_history/1`];
  await deniedAll(reader, [
    ...writes(two),
    ...[...reads, '/fhir/R4/Patient', `/fhir/R4/Patient?_id=${idOf(patient)}`].map((path) => ({ path })),
    ...wide.map((path) => ({ path: `/fhir/R4/${path}` })),
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
  const { safeguard, patient, identifier, ask } = two;
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
  const { safeguard, victim, patient, identifier, ask } = two;
  const masked = await newClient(safeguard, { tenant: 'victim', view: 'without-identity' });
  assert.equal((await ask(masked, { path: `/fhir/R4/${patient}` })).status, 200);
  const searched = await ask(victim, { path: `/fhir/R4/Patient?identifier=${identifier}` });
  await deniedAll(masked, [
    ...writes(two),
    { path: `/fhir/R4/Patient?identifier=${identifier}` },
    // A page link of a full view holds the search by identifier, sealed: it is decided anew.
    { path: searched.json.link[0].url },
  ]);
});
