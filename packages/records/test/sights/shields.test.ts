import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Access, createAccess, type RowFacts, type Shield } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import { type JsonObject, newId } from '@safeguard/kernel';
import { scopeParameters } from '../../index.ts';
import { openServed, type Reply, type Sent, type Served } from '../served.ts';

/** Elements that are hidden: told by no answer, found by no search, lost by no write of who does not see them. */

const real = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
const desk = newId();
const [phone, words, kin] = ['555-0100', 'a secret note', 'Kinsman'];
const [telecom, contact, note] = ['telecom', 'contact.name', 'note'];
const shields: Readonly<Record<string, Shield>> = {
  Patient: { hide: [telecom, contact], readonly: ['birthDate', 'name.family', 'meta.security'] },
  Observation: { hide: [note, 'value'], readonly: [] },
};
const always: Access['shield'] = ({ id }, type) => (id === desk ? shields[type] : undefined);

const patient = (more: JsonObject = {}): JsonObject => ({
  resourceType: 'Patient',
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${phone}</div>` },
  name: [{ family: 'Archer', given: ['Ann'] }],
  birthDate: '1980-01-01',
  telecom: [{ system: 'phone', value: phone }],
  contact: [{ name: { family: kin }, gender: 'male', address: { city: 'Town' } }],
  gender: 'female',
  ...more,
});
const observation = (of: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code: 'x' }] },
  subject: { reference: `Patient/${of}` },
  effectiveDateTime: '2024-01-01',
  valueString: words,
  note: [{ text: words }],
  contained: [{ ...patient(), id: 'inside' }],
  performer: [{ reference: '#inside' }],
  ...more,
});

interface World {
  readonly served: Served;
  readonly mine: string;
  readonly own: string;
  readonly ask: (method: string, path: string, sent?: Sent) => Promise<Reply>;
}

async function open(shield: Access['shield']): Promise<World> {
  const served = await openServed({ access: { ...real, shield } });
  const make = async (body: JsonObject): Promise<string> => {
    const reply = await served.send('POST', `/${body.resourceType}`, { body });
    assert.equal(reply.status, 201, reply.text);
    return reply.json.id;
  };
  const mine = await make(patient());
  const own = await make(observation(mine));
  const ask: World['ask'] = (method, path, sent = {}) => served.send(method, path, { ...sent, as: { id: desk } });
  return { served, mine, own, ask };
}

let world: World;
let bare: World;
before(async () => {
  world = await open(always);
  bare = await open(() => undefined);
});
after(async () => {
  await world.served.close();
  await bare.served.close();
});

const secrets = new RegExp([phone, words, kin].join('|'));
const representation = { prefer: 'return=representation' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const patched = (patch: unknown): Sent => ({ body: patch, headers: { ...jsonPatch, ...representation } });
const gender = [{ op: 'replace', path: '/gender', value: 'other' }];
const parameters = (type: string, path: string, more: readonly JsonObject[] = []): JsonObject => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...more],
    },
  ],
});
const bundle = (type: string, all: readonly JsonObject[]): Sent => ({
  body: { resourceType: 'Bundle', type, entry: [...all] },
  headers: representation,
});
const binary = (patch: unknown): JsonObject => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(patch)).toString('base64'),
});

type Surface = (world: World) => readonly [method: string, path: string, sent?: Sent];
const surfaces: Readonly<Record<string, Surface>> = {
  read: ({ mine }) => ['GET', `/Patient/${mine}`],
  'read as XML': ({ mine }) => ['GET', `/Patient/${mine}?_format=xml`],
  'read of what contains it': ({ own }) => ['GET', `/Observation/${own}`],
  vread: ({ mine }) => ['GET', `/Patient/${mine}/_history/1`],
  'history of one': ({ mine }) => ['GET', `/Patient/${mine}/_history`],
  'history of a type': () => ['GET', '/Patient/_history'],
  'history of all': () => ['GET', '/_history'],
  search: () => ['GET', '/Patient?gender=female,other'],
  'search for some elements': () => ['GET', '/Patient?_elements=telecom,contact'],
  'search for a summary': () => ['GET', '/Patient?_summary=data'],
  'system search': () => ['GET', '?_type=Patient,Observation'],
  compartment: ({ mine }) => ['GET', `/Patient/${mine}/*`],
  include: () => ['GET', '/Observation?_include=Observation:subject'],
  revinclude: () => ['GET', '/Patient?_revinclude=Observation:subject'],
  everything: ({ mine }) => ['GET', `/Patient/${mine}/$everything`],
  lastn: ({ mine }) => ['GET', `/Observation/$lastn?patient=${mine}&code=x`],
  batch: ({ mine }) => ['POST', '', bundle('batch', [{ request: { method: 'GET', url: `Patient/${mine}` } }])],
  transaction: ({ mine }) => [
    'POST',
    '',
    bundle('transaction', [
      { request: { method: 'GET', url: `Patient/${mine}` } },
      { request: { method: 'PATCH', url: `Patient/${mine}` }, resource: binary(gender) },
    ]),
  ],
  patch: ({ mine }) => ['PATCH', `/Patient/${mine}`, patched(gender)],
  'conditional patch': () => ['PATCH', '/Patient?gender=female,other', patched(gender)],
  create: () => ['POST', '/Patient', { body: patient({ gender: 'male' }), headers: representation }],
  'conditional create': () => [
    'POST',
    '/Patient',
    { body: patient(), headers: { ...representation, 'if-none-exist': 'gender=female,other' } },
  ],
};

describe('hidden elements', () => {
  for (const [name, surface] of Object.entries(surfaces)) {
    test(`are not told by ${name}; without the shield they are`, async () => {
      const reply = await world.ask(...surface(world));
      assert.ok(reply.status < 300, reply.text);
      assert.doesNotMatch(reply.text, secrets);
      assert.match(reply.text, /Archer|final|Town/);
      assert.match(reply.text, /SUBSETTED/);
      const open = await bare.ask(...surface(bare));
      assert.match(open.text, secrets, 'nothing is told even without the shield: it proves nothing');
    });
  }

  test('what stands beside them stays', async () => {
    const { json } = await world.ask('GET', `/Patient/${world.mine}`);
    assert.deepEqual(json.contact, [{ gender: 'male', address: { city: 'Town' } }]);
    assert.equal(json.telecom, undefined);
    assert.equal(json.text, undefined);
    assert.deepEqual(json.name, [{ family: 'Archer', given: ['Ann'] }]);
    const whole = await world.served.send('GET', `/Patient/${world.mine}`);
    assert.equal(whole.json.telecom[0].value, phone);
    assert.equal(whole.json.contact[0].name.family, kin);
  });

  test('are told alike whether they are there or not', async () => {
    const { telecom: _t, contact: _c, text: _x, ...rest } = patient();
    const made = await world.served.send('POST', '/Patient', {
      body: { ...rest, contact: [{ gender: 'male', address: { city: 'Town' } }] },
    });
    const [there, never] = await Promise.all(
      [world.mine, made.json.id].map((id) => world.ask('GET', `/Patient/${id}?_elements=name,telecom,contact`)),
    );
    const plain = (reply: Reply | undefined, id: string): string =>
      (reply?.text ?? '').replaceAll(id, '').replace(/"versionId":"\d+","lastUpdated":"[^"]+"/, '');
    assert.equal(plain(there, world.mine), plain(never, made.json.id));
  });

  const refused: readonly string[] = [
    'Patient?phone=555-0100',
    'Patient?telecom=555-0100',
    'Patient?telecom:missing=false',
    'Patient?_sort=telecom',
    'Patient?_filter=phone eq 555-0100',
    'Patient?_has:Observation:patient:value-string=a',
    'Observation?subject:Patient.phone=555-0100',
    'Observation?patient.email=x',
    'Observation?value-string=a',
    'Observation?combo-value-quantity=1',
    'Observation?code-value-string=x$a',
    'Observation?value-concept:missing=true',
    '?_content=secret',
  ];
  for (const query of refused) {
    test(`are not searched by ${query.split('=')[0]}`, async () => {
      assert.equal((await world.ask('GET', `/${query.replaceAll(' ', '%20')}`)).status, 403);
    });
  }
  const served = ['Patient?name=archer', 'Patient?birthdate=1980', 'Observation?code=x', 'Observation?patient.name=a'];
  for (const query of served) {
    test(`others are searched by ${query.split('=')[0]}`, async () => {
      assert.equal((await world.ask('GET', `/${query}`)).status, 200);
    });
  }

  test('are neither replaced nor judged', async () => {
    const { ask, mine, served: house } = world;
    const body = { ...patient(), id: mine };
    assert.equal((await ask('PUT', `/Patient/${mine}`, { body })).status, 403);
    assert.equal((await ask('PUT', `/Patient?gender=female,other&_id=${mine}`, { body })).status, 403);
    const put = { request: { method: 'PUT', url: `Patient/${mine}` }, resource: body };
    assert.equal((await ask('POST', '', bundle('transaction', [put]))).status, 403);
    assert.equal((await ask('GET', `/Patient/${mine}/$validate`)).status, 403);
    assert.equal((await house.send('GET', `/Patient/${mine}`)).json.telecom[0].value, phone);
  });
});

describe('a patch', () => {
  const test_op = (path: string, value: unknown): unknown => [{ op: 'test', path, value }, ...gender];
  const attacks: readonly (readonly [string, unknown])[] = [
    ['a test of a hidden value', test_op('/telecom/0/value', phone)],
    ['a wrong test of it', test_op('/telecom/0/value', 'wrong')],
    ['a test of what holds it', test_op('/contact/0', { name: { family: kin }, gender: 'male' })],
    ['a copy out of it', [{ op: 'copy', from: '/telecom/0/value', path: '/language' }]],
    ['a move out of it', [{ op: 'move', from: '/contact/0/name/family', path: '/name/0/family' }]],
    ['a removal', [{ op: 'remove', path: '/telecom' }]],
    ['an addition', [{ op: 'add', path: '/telecom', value: [{ value: '1' }] }]],
    ['a removal of what holds it', [{ op: 'remove', path: '/contact/0' }]],
    ['the narrative', [{ op: 'remove', path: '/text' }]],
    ['the whole', [{ op: 'test', path: '', value: {} }, ...gender]],
    ['an escaped name', [{ op: 'remove', path: '/telecom~0' }]],
  ];
  for (const [name, patch] of attacks) {
    test(`may not touch: ${name}`, async () => {
      const { status, text } = await world.ask('PATCH', `/Patient/${world.mine}`, patched(patch));
      assert.ok(status === 403 || (name === 'an escaped name' && status === 422), text);
      assert.doesNotMatch(text, secrets);
    });
  }

  const value = { name: 'value', valueString: 'x' };
  const paths: readonly (readonly [string, JsonObject])[] = [
    ['delete', parameters('delete', 'Patient.telecom')],
    ['replace', parameters('replace', 'Patient.telecom[0].value', [value])],
    [
      'add',
      parameters('add', 'Patient', [
        { name: 'name', valueString: 'telecom' },
        { name: 'value', valueString: 'x' },
      ]),
    ],
  ];
  for (const [name, body] of paths) {
    test(`by FHIRPath may not ${name} what is hidden`, async () => {
      assert.equal((await world.ask('PATCH', `/Patient/${world.mine}`, { body })).status, 403);
    });
  }

  test('ends alike whatever a condition on a hidden value says', async () => {
    const at = (wanted: string): Promise<Reply> =>
      world.ask('PATCH', `/Patient/${world.mine}`, {
        body: parameters('replace', `Patient.name.where(%resource.telecom.value = '${wanted}').given[0]`, [value]),
      });
    const [right, wrong] = [await at(phone ?? ''), await at('wrong')];
    assert.equal(right.status, wrong.status);
    assert.equal(right.status, 422);
    const open = await bare.ask('PATCH', `/Patient/${bare.mine}`, {
      body: parameters('replace', `Patient.name.where(%resource.telecom.value = '${phone}').given[0]`, [value]),
    });
    assert.equal(open.status, 200, 'the condition finds nothing even where it should');
  });

  test('leaves what is hidden as it was', async () => {
    const { json } = await world.served.send('GET', `/Patient/${world.mine}`);
    assert.equal(json.telecom[0].value, phone);
    assert.equal(json.contact[0].name.family, kin);
    assert.match(json.text.div, /555/);
    assert.equal(json.gender, 'other');
  });
});

describe('elements that may only be read', () => {
  const at = (path: string, next: unknown): unknown => [{ op: 'replace', path, value: next }];
  test('are not changed by a patch, alone or in a transaction', async () => {
    const { ask, mine } = world;
    assert.equal((await ask('PATCH', `/Patient/${mine}`, patched(at('/birthDate', '1981-01-01')))).status, 403);
    assert.equal((await ask('PATCH', `/Patient/${mine}`, patched(at('/name/0/family', 'Other')))).status, 403);
    assert.equal((await ask('PATCH', `/Patient/${mine}`, patched(at('/name/0/given/0', 'Bea')))).status, 200);
    const entry = { request: { method: 'PATCH', url: `Patient/${mine}` }, resource: binary(at('/birthDate', '1990')) };
    assert.equal((await ask('POST', '', bundle('transaction', [entry]))).status, 403);
  });

  test('are not changed by $meta-add', async () => {
    const valueMeta = { security: [{ system: 'http://l', code: 'x' }] };
    const body = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] };
    assert.equal((await world.ask('POST', `/Patient/${world.mine}/$meta-add`, { body })).status, 403);
    const tags = { ...body, parameter: [{ name: 'meta', valueMeta: { tag: valueMeta.security } }] };
    assert.equal((await world.ask('POST', `/Patient/${world.mine}/$meta-add`, { body: tags })).status, 200);
  });

  test('are kept by an update, and by one that brings back what was deleted', async () => {
    const kept: Access['shield'] = ({ id }, type) =>
      id === desk && type === 'Patient' ? { hide: [], readonly: ['birthDate'] } : undefined;
    const { served, ask, mine } = await open(kept);
    try {
      const put = (birthDate: string): Promise<Reply> =>
        ask('PUT', `/Patient/${mine}`, { body: { ...patient({ birthDate }), id: mine } });
      assert.equal((await put('1980-01-02')).status, 403);
      assert.equal((await put('1980-01-01')).status, 200);
      assert.equal((await served.send('DELETE', `/Patient/${mine}`)).status, 204);
      assert.equal((await put('1980-01-02')).status, 403);
      assert.equal((await put('1980-01-01')).status, 200);
    } finally {
      await served.close();
    }
  });
});

test('where permits differ, each row is shown by those that are for it', async () => {
  const asked: RowFacts[] = [];
  const byRow: Access['shield'] = ({ id }, type, _action, row) => {
    if (id !== desk || type !== 'Patient') return undefined;
    if (row === 'any') return { hide: ['telecom'], readonly: [] };
    if (row === undefined) return undefined;
    asked.push(row);
    return row.fulfils('gender=female') || row.patientFulfils('gender=other')
      ? undefined
      : { hide: ['telecom'], readonly: [] };
  };
  const { served, ask, mine } = await open(byRow);
  try {
    const made = await served.send('POST', '/Patient', { body: patient({ gender: 'male' }) });
    const { json } = await ask('GET', '/Patient');
    const told = new Map(json.entry.map(({ resource }: { resource: JsonObject }) => [resource.id, resource.telecom]));
    assert.ok(told.get(mine));
    assert.equal(told.get(made.json.id), undefined);
    assert.equal((await ask('GET', `/Patient/${mine}`)).json.telecom[0].value, phone);
    assert.equal((await ask('GET', `/Patient/${made.json.id}`)).json.telecom, undefined);
    assert.equal((await ask('GET', '/Patient?phone=1')).status, 403);
    const body = { ...patient({ gender: 'male' }), id: made.json.id };
    assert.equal((await ask('PUT', `/Patient/${made.json.id}`, { body })).status, 403);
    assert.equal((await ask('PUT', `/Patient/${mine}`, { body: { ...patient(), id: mine } })).status, 200);
    assert.ok(asked.some(({ patients }) => patients.includes(mine)));
  } finally {
    await served.close();
  }
});
