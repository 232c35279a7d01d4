import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccess } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { scopeParameters } from '../index.ts';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

/** What scopes restricted by search parameters let write: it must start from, and result in, what they show. */

let house: Served;
before(async () => {
  house = await openServed();
});
after(() => house.close());

const jsonPatch = { 'content-type': 'application/json-patch+json' };
const category = (code: string): object => ({ category: [{ coding: [{ system: 'http://c', code }] }] });
const observation = (patient: string, code: string, more: object = {}): Record<string, unknown> => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
  ...category(code),
  ...more,
});
const sure = { assurance: { level: 2, at: 0, methods: [] } } as const;
const lab = 'category=http://c|lab';

interface World {
  readonly mine: string;
  readonly other: string;
  /** A laboratory result of mine, one of other's, and a note of mine. */
  readonly result: string;
  readonly foreign: string;
  readonly note: string;
}

const send = (as: Partial<Principal>, method: string, path: string, sent: Sent = {}): Promise<Reply> =>
  house.send(method, path, { ...sent, as });
const made = async (body: { readonly resourceType?: string; readonly [element: string]: unknown }): Promise<string> => {
  const reply = await house.send('POST', `/${body.resourceType}`, { body });
  assert.equal(reply.status, 201, reply.text);
  return reply.json.id;
};

async function world(): Promise<World> {
  const mine = await made({ resourceType: 'Patient', name: [{ family: 'Mine' }] });
  const other = await made({ resourceType: 'Patient', name: [{ family: 'Other' }] });
  const result = await made(observation(mine, 'lab'));
  const foreign = await made(observation(other, 'lab'));
  const note = await made(observation(mine, 'note'));
  return { mine, other, result, foreign, note };
}

/** Callers who may write laboratory results, of anybody or of mine alone. */
const callers = (mine: string): Readonly<Record<string, { as: Partial<Principal>; limited: boolean }>> => ({
  client: { as: { scopes: [`system/Observation.cruds?${lab}`] }, limited: false },
  workforce: { as: { kind: 'user', ...sure, scopes: [`user/Observation.cruds?${lab}`] }, limited: false },
  patient: {
    as: { kind: 'user', ...sure, scopes: [`patient/Observation.cruds?${lab}`], patient: mine, within: [mine] },
    limited: true,
  },
  proxy: { as: { kind: 'user', ...sure, scopes: [`user/Observation.cruds?${lab}`], within: [mine] }, limited: true },
});

const recategorise = (code: string): string =>
  JSON.stringify([{ op: 'replace', path: '/category/0/coding/0/code', value: code }]);
const transaction = (request: object, resource?: object): Sent => ({
  body: { resourceType: 'Bundle', type: 'transaction', entry: [{ request, ...(resource ? { resource } : {}) }] },
});

test('writes start from and result in what the scope shows, whoever writes and whichever way', async () => {
  for (const name of Object.keys(callers(''))) {
    const { mine, other, result, foreign, note } = await world();
    const { as, limited } = callers(mine)[name] ?? { as: {}, limited: false };
    const status = async (method: string, path: string, sent?: Sent): Promise<number> =>
      (await send(as, method, path, sent)).status;
    const of = (whose: string, code: string, id: string): Sent => ({ body: observation(whose, code, { id }) });

    assert.equal(await status('POST', '/Observation', { body: observation(mine, 'lab') }), 201, name);
    assert.equal(await status('POST', '/Observation', { body: observation(mine, 'note') }), 403, name);
    assert.equal(await status('POST', '/Observation', { body: observation(other, 'lab') }), limited ? 403 : 201, name);
    assert.equal(await status('PUT', `/Observation/${result}`, of(mine, 'lab', result)), 200, name);
    assert.equal(await status('PUT', `/Observation/${result}`, of(mine, 'note', result)), 403, name);
    assert.equal(await status('PUT', `/Observation/${note}`, of(mine, 'lab', note)), 405, name);
    const patch = (code: string): Sent => ({ body: recategorise(code), headers: jsonPatch });
    assert.equal(await status('PATCH', `/Observation/${result}`, patch('note')), 403, name);
    assert.equal(await status('PATCH', `/Observation/${note}`, patch('lab')), 404, name);
    assert.equal(await status('PATCH', `/Observation/${foreign}`, patch('lab')), limited ? 404 : 200, name);
    assert.equal(await status('DELETE', `/Observation/${note}`), 404, name);
    const put = (id: string) => ({ method: 'PUT', url: `Observation/${id}` });
    assert.equal(await status('POST', '', transaction(put(note), observation(mine, 'lab', { id: note }))), 405, name);
    assert.equal(await status('POST', '', transaction(put(result), observation(mine, 'note', { id: result }))), 403);
    const post = { method: 'POST', url: 'Observation' };
    assert.equal(await status('POST', '', transaction(post, observation(mine, 'note'))), 403, name);
    assert.equal(await status('POST', '', transaction(post, observation(mine, 'lab'))), 200, name);
    assert.equal((await house.send('GET', `/Observation/${note}`)).headers.get('etag'), 'W/"1"', name);
    assert.equal((await house.send('GET', `/Observation/${result}`)).headers.get('etag'), 'W/"2"', name);
    assert.equal(await status('DELETE', `/Observation/${result}`), 204, name);
    assert.equal(await status('GET', `/Observation/${result}`), 410, name);
    assert.equal(await status('GET', `/Observation/${note}`), 404, name);
  }
});

test('a label that a scope asks for can be neither put on nor taken off to slip past it', async () => {
  const { mine } = await world();
  const open = { meta: { tag: [{ system: 'http://t', code: 'open' }] } };
  const [tagged, plain] = [await made(observation(mine, 'lab', open)), await made(observation(mine, 'lab'))];
  const as = { scopes: ['system/Observation.cruds?_tag=http://t|open'] };
  const meta = (code: string): Sent => ({
    body: {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'http://t', code }] } }],
    },
  });
  assert.equal((await send(as, 'POST', `/Observation/${plain}/$meta-add`, meta('open'))).status, 404);
  assert.equal((await send(as, 'POST', `/Observation/${tagged}/$meta-delete`, meta('open'))).status, 403);
  assert.equal((await send(as, 'POST', `/Observation/${tagged}/$meta-add`, meta('more'))).status, 200);
  assert.equal((await send(as, 'GET', `/Observation/${tagged}/$meta`)).status, 200);
  assert.equal((await send(as, 'GET', `/Observation/${plain}/$meta`)).status, 404);
});

test('the letters are apart: what may be changed is not read, and an answer tells only what may be read', async () => {
  const { mine, result, note } = await world();
  const as = { scopes: ['system/Observation.u', `system/Observation.rs?${lab}`] };
  const body = observation(mine, 'note', { id: note });
  assert.equal((await send(as, 'PUT', `/Observation/${note}`, { body })).status, 200);
  assert.equal((await send(as, 'GET', `/Observation/${note}`)).status, 404);
  const patch = { body: JSON.stringify([{ op: 'test', path: '/status', value: 'final' }]), headers: jsonPatch };
  assert.equal((await send(as, 'PATCH', `/Observation/${note}`, patch)).status, 404, 'its answer shows what was there');
  assert.equal((await send(as, 'PATCH', `/Observation/${result}`, patch)).status, 200);
  const entry = { method: 'PATCH', url: `Observation/${note}` };
  const binary = {
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(patch.body).toString('base64'),
  };
  assert.equal((await send(as, 'POST', '', transaction(entry, binary))).status, 404);
  const parameter = [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'x' }] } }];
  const meta = { body: { resourceType: 'Parameters', parameter } };
  assert.equal((await send(as, 'POST', `/Observation/${note}/$meta-add`, meta)).status, 404);
  assert.equal((await send(as, 'POST', `/Observation/${result}/$meta-add`, meta)).status, 200);
});

test('what is seen and may not be changed is refused as that: 403', async () => {
  const { mine, result, note } = await world();
  const as = { scopes: ['system/Observation.rs', `system/Observation.ud?${lab}`] };
  const put = (id: string): Sent => ({ body: observation(mine, 'lab', { id }) });
  assert.equal((await send(as, 'PUT', `/Observation/${note}`, put(note))).status, 403);
  assert.equal((await send(as, 'DELETE', `/Observation/${note}`)).status, 403);
  const url = `Observation/${note}`;
  assert.equal((await send(as, 'POST', '', transaction({ method: 'DELETE', url }))).status, 403);
  assert.equal((await send(as, 'PUT', `/Observation/${result}`, put(result))).status, 200);
  assert.equal((await send(as, 'DELETE', `/Observation/${result}`)).status, 204);
});

test('a version is shown while both it and what the resource is now fulfil the restriction', async () => {
  const { mine } = await world();
  const id = await made(observation(mine, 'note'));
  const hidden = await made(observation(mine, 'lab'));
  const put = (which: string, code: string): Promise<Reply> =>
    house.send('PUT', `/Observation/${which}`, { body: observation(mine, code, { id: which }) });
  await put(id, 'lab');
  await put(hidden, 'note');
  const as = { scopes: [`system/Observation.rs?${lab}`] };
  const versions = async (path: string): Promise<string[]> => {
    const { json } = await send(as, 'GET', path);
    return (json.entry ?? []).map((one: { response: { etag: string } }) => one.response.etag);
  };
  assert.deepEqual(await versions(`/Observation/${id}/_history`), ['W/"2"']);
  assert.equal((await send(as, 'GET', `/Observation/${id}/_history/1`)).status, 404);
  assert.equal((await send(as, 'GET', `/Observation/${id}/_history/2`)).status, 200);
  assert.equal((await send(as, 'GET', `/Observation/${hidden}/_history/1`)).status, 404, 'seen once, hidden now');
  assert.equal((await send(as, 'GET', `/Observation/${hidden}/_history`)).status, 404);
  const { json } = await send(as, 'GET', '/Observation/_history?_count=1000');
  const told = json.entry.map(({ fullUrl }: { fullUrl: string }) => fullUrl.split('/').at(-1));
  assert.ok(told.includes(id) && !told.includes(hidden));
  assert.equal(told.filter((one: string) => one === id).length, 1);
});

test('who may erase a history erases what they see of it', async () => {
  const { mine } = await world();
  const id = await made(observation(mine, 'note'));
  for (const code of ['lab', 'lab']) {
    await house.send('PUT', `/Observation/${id}`, { body: observation(mine, code, { id }) });
  }
  const as = { scopes: [`system/Observation.cruds?${lab}`], permissions: ['history-delete'] };
  assert.equal((await send(as, 'DELETE', `/Observation/${id}/_history/1`)).status, 404);
  assert.equal((await send(as, 'DELETE', `/Observation/${id}/_history`)).status, 204);
  assert.equal((await house.send('GET', `/Observation/${id}/_history/1`)).status, 200, 'not theirs to erase');
  assert.equal((await house.send('GET', `/Observation/${id}/_history/2`)).status, 404);
});

test('conditional writes see by the letter s, and change by their own', async () => {
  const { mine } = await world();
  const value = crypto.randomUUID();
  const hidden = await made(observation(mine, 'note', { identifier: [{ value }] }));
  const as = { scopes: [`system/Observation.cruds?${lab}`] };
  const body = observation(mine, 'lab', { identifier: [{ value }] });
  const headers = { 'if-none-exist': `identifier=${value}` };
  const first = await send(as, 'POST', '/Observation', { body, headers });
  assert.equal(first.status, 201, 'what is hidden does not match');
  assert.equal((await send(as, 'POST', '/Observation', { body, headers })).status, 200);
  assert.equal((await send(as, 'PUT', `/Observation?identifier=${value}`, { body })).status, 200);
  assert.equal((await send(as, 'DELETE', `/Observation?identifier=${value}`)).status, 204);
  assert.equal((await house.send('GET', `/Observation/${hidden}`)).status, 200);
});

test('an identity parameter restricts in the full view; a de-identified one is refused it', async () => {
  const { mine } = await world();
  const value = crypto.randomUUID();
  const named = await made(observation(mine, 'lab', { identifier: [{ value }] }));
  const unnamed = await made(observation(mine, 'lab'));
  const scopes = [`system/Observation.rs?identifier=${value}`];
  const { json } = await send({ scopes }, 'GET', '/Observation?_total=accurate');
  assert.deepEqual([json.total, json.entry[0].resource.id], [1, named]);
  assert.equal((await send({ scopes }, 'GET', `/Observation/${unnamed}`)).status, 404);
  const paths = ['/Observation', '/Observation/_history'];
  for (const path of [...paths, `/Observation/${named}`, `/Observation/${unnamed}`]) {
    assert.equal((await send({ scopes, view: 'without-identity' }, 'GET', path)).status, 403, path);
  }
  for (const view of ['limited', 'deidentified'] as const) {
    for (const path of paths) assert.equal((await send({ scopes, view }, 'GET', path)).status, 403, path);
  }
  const clinical = { scopes: [`system/Observation.rs?${lab}`], view: 'without-identity' as const };
  const asks = async (): Promise<number> => {
    const before = house.segments.identity.asked;
    assert.equal((await send(clinical, 'GET', `/Observation/${named}`)).status, 200);
    return house.segments.identity.asked - before;
  };
  // Tokens of earlier versions are removed in the background: of three times one at least is not disturbed.
  assert.equal(Math.min(await asks(), await asks(), await asks()), 0, 'the identity segment was asked');
});

test('a de-identified view’s own labels fulfil no restriction', async () => {
  const { result } = await world();
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
  for (const query of [`_security=${system}|MASKED`, `_security=${system}|PSEUDED`, `_tag=${system}|SUBSETTED`]) {
    const as = { scopes: [`system/Observation.rs?${query}`], view: 'without-identity' as const };
    assert.equal((await send(as, 'GET', `/Observation/${result}`)).status, 404, query);
    const cut = { ...as, view: 'deidentified' as const };
    assert.equal((await send(cut, 'GET', '/Observation?_total=accurate')).json.total, 0, query);
    assert.equal((await send(as, 'GET', '/Observation?_total=accurate')).json.total, 0, query);
  }
});

test('a scope that names a tenant’s own parameter, or what no index can be asked, is none', () => {
  const access = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
  const yes = [
    ...['Observation.rs?category=http://c|lab', 'Observation.rs?date=ge2024', 'Observation.r?value-quantity=gt5||mg'],
    ...[
      'Patient.r?birthdate=lt2000',
      'Patient.r?name=a',
      'Observation.rs?subject=Patient/1',
      'ValueSet.r?url=http://x',
    ],
    ...[
      '*.rs?_security=http://s|N',
      '*.rs?_tag=x',
      '*.r?_id=1',
      'RiskAssessment.r?probability=gt0.5',
      '*.r?_source=http://x',
    ],
  ];
  const no = [
    ...['Observation.rs?colour=red', '*.rs?category=a', 'Observation.rs?date=soon', 'Observation.rs?date=ap2024'],
    ...['Observation.rs?code-value-quantity=a$5', 'Location.r?near=1|2', 'Observation.rs?value-quantity=much'],
    ...['Observation.rs?_lastUpdated=gt2020', 'Observation.rs?_text=a', 'Observation.rs?_id=a/b', '*.rs?_list=1'],
    ...['Observation.rs?date=ge2024,ap2025', 'Observation.rs?subject=Nothing/1', 'Patient.r?name=%20'],
  ];
  for (const scope of yes) assert.ok(access.isScope(`user/${scope}`), scope);
  for (const scope of no) assert.ok(!access.isScope(`user/${scope}`), scope);
});
