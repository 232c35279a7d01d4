import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccess } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import { scopeParameters } from '../index.ts';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

const access = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
let house: Served;
/** The same house with the predicate of sight broken: what these tests assert must not hold in it. */
let blind: Served;
before(async () => {
  house = await openServed();
  blind = await openServed({ access: { ...access, visible: () => 'all' } });
});
after(async () => {
  await house.close();
  await blind.close();
});

const nobody = crypto.randomUUID();
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const observation = (patient: string, text = 'x'): Record<string, unknown> => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  subject: { reference: `Patient/${patient}` },
});

interface World {
  readonly mine: string;
  readonly other: string;
  readonly own: string;
  readonly foreign: string;
  readonly shared: string;
  readonly ask: (method: string, path: string, sent?: Sent) => Promise<Reply>;
  readonly full: Served['send'];
}

async function world(served: Served): Promise<World> {
  const make = async (type: string, body: object): Promise<string> =>
    (await served.send('POST', `/${type}`, { body: { resourceType: type, ...body } })).json.id;
  const mine = await make('Patient', { gender: 'female' });
  const other = await make('Patient', { gender: 'male' });
  const own = await make('Observation', observation(mine));
  const foreign = await make('Observation', observation(other));
  const shared = await make('Practitioner', { name: [{ family: 'House' }] });
  return {
    ...{ mine, other, own, foreign, shared, full: served.send },
    ask: (method, path, sent = {}) => served.send(method, path, { ...sent, as: { patient: mine, ...sent.as } }),
  };
}

const metaParameters = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'x' }] } }],
};

/** An answer without what tells requests apart. */
const plain = ({ status, text }: Reply, id: string): string =>
  `${status} ${text.replaceAll(id, '').replace(/"id":"[^"]*"|_page=[^"]*/g, '')}`;

const attacks = (id: string): readonly [string, string, string, Sent?][] => [
  ['read', 'GET', `/Observation/${id}`],
  ['vread', 'GET', `/Observation/${id}/_history/1`],
  ['history', 'GET', `/Observation/${id}/_history`],
  ['update', 'PUT', `/Observation/${id}`, { body: { ...observation(nobody), id } }],
  ['delete', 'DELETE', `/Observation/${id}`],
  ['patch', 'PATCH', `/Observation/${id}`, { body: [{ op: 'remove', path: '/status' }], headers: jsonPatch }],
  ['meta', 'GET', `/Observation/${id}/$meta`],
  ['validate', 'GET', `/Observation/${id}/$validate`],
  ['meta-add', 'POST', `/Observation/${id}/$meta-add`, { body: metaParameters }],
  ['lastn', 'GET', `/Observation/$lastn?patient=${id}&code:text=x`],
  ['compartment', 'GET', `/Patient/${id}/Observation?_summary=count`],
  ['everything', 'GET', `/Patient/${id}/$everything`],
  ['patient', 'GET', `/Patient/${id}`],
  ['if-none-match', 'GET', `/Observation/${id}`, { headers: { 'if-none-match': 'W/"1"' } }],
  ['if-match', 'DELETE', `/Observation/${id}`, { headers: { 'if-match': 'W/"7"' } }],
  ['purge', 'POST', `/Patient/${id}/$purge`, { as: { permissions: ['purge'] } }],
  ['history-delete', 'DELETE', `/Observation/${id}/_history`, { as: { permissions: ['history-delete'] } }],
];

/** How many attacks tell a hidden resource from one that never was. */
async function told(served: Served): Promise<string[]> {
  const { ask, foreign, other } = await world(served);
  const found: string[] = [];
  for (const [index, [name, method, path, sent]] of attacks('ID').entries()) {
    const at = (id: string): Promise<Reply> => {
      const [, , , body] = attacks(id)[index] ?? [];
      return ask(method, path.replace('ID', id), body ?? sent);
    };
    const id = path.includes('atient') ? other : foreign;
    const [hidden, never] = [await at(id), await at(nobody)];
    if (plain(hidden, id) !== plain(never, nobody)) found.push(`${name} ${hidden.status} ${never.status}`);
  }
  return found;
}

test('what is hidden answers as what never was', async () => {
  assert.deepEqual(await told(house), []);
});

test('control: with the predicate gone, these attacks tell', async () => {
  assert.ok((await told(blind)).length >= 8);
});

test('own and shared resources are read; own are written; others are not, and nothing changed', async () => {
  const { ask, full, mine, other, own, foreign, shared } = await world(house);
  assert.equal((await ask('GET', `/Observation/${own}`)).status, 200);
  assert.equal((await ask('GET', `/Patient/${mine}`)).status, 200);
  assert.equal((await ask('GET', `/Practitioner/${shared}`)).status, 200);
  const next = { ...observation(mine, 'next'), id: own };
  assert.equal((await ask('PUT', `/Observation/${own}`, { body: next })).status, 200);
  const moved = { ...observation(other), id: own };
  assert.equal((await ask('PUT', `/Observation/${own}`, { body: moved })).status, 403, 'not out of the compartment');
  const away = [{ op: 'replace', path: '/subject/reference', value: `Patient/${other}` }];
  assert.equal((await ask('PATCH', `/Observation/${own}`, { body: away, headers: jsonPatch })).status, 403);
  assert.equal((await ask('POST', '/Observation', { body: observation(other) })).status, 403);
  assert.equal((await ask('POST', '/Observation', { body: observation(mine) })).status, 201);
  assert.equal((await ask('POST', '/Patient', { body: { resourceType: 'Patient' } })).status, 403);
  assert.equal((await ask('DELETE', `/Practitioner/${shared}`)).status, 403, 'shared is for reading');
  assert.equal((await full('GET', `/Observation/${foreign}`)).headers.get('etag'), 'W/"1"');
  assert.equal((await ask('DELETE', `/Observation/${own}`)).status, 204);
  assert.equal((await ask('GET', `/Observation/${own}`)).status, 410);
});

test('histories show versions that are visible, of resources that still are', async () => {
  const { ask, full, mine, other, own, foreign } = await world(house);
  await full('DELETE', `/Observation/${foreign}`);
  await full('DELETE', `/Observation/${own}`);
  const wrong = (await full('POST', '/Observation', { body: observation(mine) })).json.id;
  await full('PUT', `/Observation/${wrong}`, { body: { ...observation(other), id: wrong } });
  const ids = async (path: string): Promise<string[]> => {
    const { json, status, text } = await ask('GET', path);
    assert.equal(status, 200, text);
    return (json.entry ?? []).map((entry: { fullUrl: string }) => entry.fullUrl.split('/').at(-1));
  };
  assert.deepEqual(await ids('/Observation/_history'), [own, own]);
  assert.deepEqual(await ids('/Patient/_history'), [mine]);
  assert.ok(!(await ids('/_history')).some((id) => [foreign, other, wrong].includes(id)));
  assert.equal((await ask('GET', `/Observation/${wrong}/_history/1`)).status, 404, 'put right: no longer theirs');
  assert.equal((await ask('GET', '/Observation/_history?_count=1')).json.total, undefined);
});

test('what tags a type uses is told of what is visible only', async () => {
  const { ask, full, foreign } = await world(house);
  const tag = [{ system: 'urn:t', code: 'hidden' }];
  await full('PUT', `/Observation/${foreign}`, {
    body: { ...(await full('GET', `/Observation/${foreign}`)).json, meta: { tag } },
  });
  assert.match((await full('GET', '/Observation/$meta')).text, /hidden/);
  assert.doesNotMatch((await ask('GET', '/Observation/$meta')).text, /hidden/);
});

test('conditions and bundles neither find nor change what is hidden', async () => {
  const { ask, full, mine, foreign } = await world(house);
  const value = crypto.randomUUID();
  await full('PUT', `/Observation/${foreign}`, {
    body: { ...(await full('GET', `/Observation/${foreign}`)).json, identifier: [{ value }] },
  });
  const condition = `Observation?identifier=${value}`;
  const body = { ...observation(mine), identifier: [{ value }] };
  assert.equal((await ask('PATCH', `/${condition}`, { body: [], headers: jsonPatch })).status, 404);
  assert.equal((await ask('DELETE', `/${condition}`)).status, 204);
  assert.equal((await full('GET', `/Observation/${foreign}`)).status, 200);
  const made = await ask('POST', '/Observation', { body, headers: { 'if-none-exist': `identifier=${value}` } });
  assert.equal(made.status, 201);
  const entry = (request: object, resource?: object): object => ({ request, ...(resource ? { resource } : {}) });
  for (const one of [
    entry({ method: 'DELETE', url: `Observation/${foreign}` }),
    entry({ method: 'PUT', url: `Observation/${foreign}` }, { ...observation(mine), id: foreign }),
  ]) {
    const refused = await ask('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry: [one] } });
    assert.ok([404, 405].includes(refused.status), refused.text);
  }
  const reads = [
    entry({ method: 'GET', url: `Observation/${foreign}` }),
    entry({ method: 'GET', url: `Patient/${mine}` }),
  ];
  const batch = await ask('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry: reads } });
  const statuses = batch.json.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3));
  assert.deepEqual(statuses, ['404', '200']);
  const outside = [entry({ method: 'POST', url: 'Observation' }, observation(crypto.randomUUID()))];
  const write = await ask('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry: outside } });
  assert.equal(write.status, 403);
});
