import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAccess, type Exception, type Sight, type Visibility } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { scopeParameters } from '../../index.ts';
import { openServed, type Reply, type Sent, type Served } from '../served.ts';

/**
 * Whatever a limited caller asks, on every surface, is answered alike whether what is hidden from them is there or not:
 * each question is asked before and after it is written. The same without the guard must differ.
 */

const real = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
const limited = newId();
const id = Object.fromEntries(
  ['a', 'b', 'practitioner', 'mine', 'other', 'own', 'visit', 'foreign', 'secret', 'condition', 'past', 'list'].map(
    (name) => [name, newId()],
  ),
) as Readonly<Record<string, string>>;
const hiv = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const closed: Exception = { labels: [`${hiv.system}|${hiv.code}`] };

const clinical = new Set(['Observation', 'Condition', 'Encounter', 'List']);
const byChain = (type: string): Sight => {
  if (type === 'Patient') return { query: 'active=true' };
  return clinical.has(type) ? { query: 'subject:Patient.active=true' } : {};
};
/** All of them hide the same: what is the other patient's, and what is labelled. */
const sights: Readonly<Record<string, (type: string) => Sight>> = {
  'a care team': () => ({ patients: [id.mine ?? ''], except: [closed] }),
  'an organization': () => ({ patientQuery: `organization=Organization/${id.a}`, except: [closed] }),
  'queries that chain': (type) => ({ ...byChain(type), except: [closed] }),
  exceptions: () => ({
    except: [
      { patients: [id.other ?? ''] },
      { ids: [id.secret ?? '', id.past ?? ''] },
      { ...closed, except: [{ query: '_tag=http://t|opened' }] },
    ],
  }),
};

let visible: (type: string) => Visibility = () => 'all';
let naming = false;
let house: Served;
before(async () => {
  house = await openServed({
    access: {
      ...real,
      visible: (principal, type, action) =>
        principal.id === limited ? visible(type) : real.visible(principal, type, action),
    },
    tenantSettings: async () => ({ updateAsCreate: naming, conditionalDelete: 'single', profiles: {} }),
  });
});
after(() => house.close());

const put = async (name: string, body: JsonObject): Promise<void> => {
  naming = true;
  const own = { id: id[name] ?? '', ...body };
  const { status, text } = await house.send('PUT', `/${body.resourceType}/${id[name]}`, { body: own });
  naming = false;
  assert.ok(status === 201 || status === 200, text);
};
const observation = (of: string, code: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://s', code }] },
  subject: { reference: `Patient/${id[of]}` },
  performer: [{ reference: `Practitioner/${id.practitioner}` }],
  encounter: { reference: `Encounter/${id.visit}` },
  effectiveDateTime: '2024-01-01',
  ...more,
});
const patient = (org: string, family: string, active: boolean): JsonObject => ({
  resourceType: 'Patient',
  active,
  name: [{ family }],
  identifier: [{ system: 'http://i', value: family }],
  managingOrganization: { reference: `Organization/${id[org]}` },
  generalPractitioner: [{ reference: `Practitioner/${id.practitioner}` }],
});

/** What the caller sees. `other`: a Patient who was deleted, so that nothing of them is there. */
async function shown(): Promise<void> {
  await put('a', { resourceType: 'Organization', name: 'A' });
  await put('b', { resourceType: 'Organization', name: 'B' });
  await put('practitioner', { resourceType: 'Practitioner', name: [{ family: 'Doe' }] });
  await put('mine', patient('a', 'Mine', true));
  const visit = { status: 'finished', class: { code: 'AMB' }, subject: { reference: `Patient/${id.mine}` } };
  await put('visit', { resourceType: 'Encounter', ...visit });
  await put('own', observation('mine', 'pulse', { hasMember: [{ reference: `Observation/${id.secret}` }] }));
}

const labelled = { meta: { security: [hiv], tag: [{ system: 'http://t', code: 'hidden' }] } };

/** What is hidden. */
async function hidden(): Promise<void> {
  await put('other', patient('b', 'Other', false));
  await put('foreign', observation('other', 'hiv', { identifier: [{ value: 'hidden' }] }));
  await put('secret', observation('mine', 'hiv', { ...labelled, identifier: [{ value: 'hidden' }] }));
  await put(
    'secret',
    observation('mine', 'hiv', { ...labelled, identifier: [{ value: 'hidden' }], status: 'amended' }),
  );
  const of = {
    subject: { reference: `Patient/${id.mine}` },
    asserter: { reference: `Practitioner/${id.practitioner}` },
  };
  await put('condition', { resourceType: 'Condition', ...of, ...labelled, code: { coding: [{ code: 'hiv' }] } });
  const item = [{ item: { reference: `Observation/${id.own}` } }];
  await put('list', {
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    ...labelled,
    subject: of.subject,
    entry: item,
  });
  await put('past', observation('mine', 'gone', labelled));
  await house.send('DELETE', `/Observation/${id.past}`);
}

const entry = (method: string, url: string, resource?: JsonObject): JsonObject => ({
  request: { method, url },
  ...(resource ? { resource } : {}),
});
const bundle = (type: string, all: readonly JsonObject[]): Sent => ({
  body: { resourceType: 'Bundle', type, entry: [...all] },
});
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const meta = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'x' }] } }],
};

type Probe = readonly [method: string, path: string, sent?: Sent];
const gets = (...paths: string[]): Probe[] => paths.map((path) => ['GET', path]);

/** Every surface, with what could tell of the hidden rows. */
const surfaces = (): Readonly<Record<string, readonly Probe[]>> => ({
  search: gets(
    '/Observation?_total=accurate',
    '/Observation?code=hiv',
    '/Observation?code:not=pulse&_total=accurate',
    `/Observation?_id=${id.secret},${id.foreign}`,
    '/Observation?_security=HIV',
    '/Observation?status=amended',
    '/Patient?name=other',
    '/Patient?identifier=http://i|Other&_total=accurate',
    '/Condition?_summary=count',
    '/Observation?_sort=-_lastUpdated&_count=1',
    '/Observation?_sort=code&_count=1',
    '/Observation?_count=1&_total=accurate',
    `/Observation?patient=${id.mine}&_text=x`,
    '/Patient?_sort=-name&_count=1',
    '/Observation?_filter=code eq hiv or code eq pulse',
  ),
  'system search': gets(
    '?_tag=http://t|hidden',
    '?_type=Observation,Condition,Patient',
    '?_security=HIV',
    '?_count=100',
  ),
  compartment: gets(
    `/Patient/${id.mine}/*`,
    `/Patient/${id.other}/*`,
    `/Patient/${id.mine}/Observation?_total=accurate`,
  ),
  chain: gets(
    '/Observation?has-member:Observation.code=hiv',
    '/Observation?has-member:Observation.status=amended',
    '/Observation?has-member:Observation.subject:Patient.active=true',
    '/Observation?subject:Patient.name=other',
  ),
  _has: gets(
    '/Practitioner?_has:Observation:performer:code=hiv',
    '/Practitioner?_has:Condition:asserter:code=hiv',
    '/Patient?_has:Condition:patient:code=hiv',
    '/Organization?_has:Patient:organization:name=other',
    '/Encounter?_has:Observation:encounter:code=hiv',
    `/Observation?_list=${id.list}`,
  ),
  include: gets(
    '/Observation?_include=*',
    '/Observation?_include=Observation:has-member',
    '/Practitioner?_revinclude=Observation:performer',
    '/Encounter?_revinclude=*',
    '/Patient?_revinclude=*&_revinclude:iterate=*',
    '/Organization?_revinclude=Patient:organization',
  ),
  history: gets(
    '/_history',
    '/Observation/_history',
    '/Observation/_history?_count=1',
    '/Condition/_history?_summary=count',
    `/Observation/${id.secret}/_history`,
    `/Observation/${id.past}/_history`,
    `/Observation/${id.secret}/_history/1`,
    `/Patient/${id.other}/_history`,
  ),
  read: gets(
    ...['secret', 'foreign', 'past'].map((name) => `/Observation/${id[name]}`),
    `/Patient/${id.other}`,
    `/Observation/${id.secret}/$meta`,
    `/Observation/${id.secret}/$validate`,
  ),
  operations: gets(
    `/Patient/${id.mine}/$everything`,
    `/Patient/${id.other}/$everything`,
    `/Patient/${id.mine}/$everything?_count=1`,
    `/Observation/$lastn?patient=${id.mine}&code=hiv,pulse`,
    '/Observation/$meta',
    '/$meta',
  ),
  writes: [
    ['PATCH', `/Observation/${id.secret}`, { body: [{ op: 'remove', path: '/status' }], headers: jsonPatch }],
    ['DELETE', `/Observation/${id.secret}`],
    ['DELETE', `/Observation/${id.foreign}`, { headers: { 'if-match': 'W/"7"' } }],
    ['PUT', `/Observation/${id.secret}`, { body: { ...observation('mine', 'x'), id: id.secret } }],
    ['POST', `/Observation/${id.secret}/$meta-add`, { body: meta }],
    ['DELETE', '/Observation?identifier=hidden'],
    ['PATCH', '/Observation?identifier=hidden', { body: [], headers: jsonPatch }],
    ['DELETE', `/Observation?_id=${id.foreign}`],
    ['DELETE', `/Observation/${id.secret}/_history`, { as: { permissions: ['history-delete'] } }],
    ['POST', `/Patient/${id.other}/$purge`, { as: { permissions: ['purge'] } }],
  ],
  bundles: [
    ['POST', '', bundle('batch', [entry('GET', `Observation/${id.secret}`), entry('GET', 'Observation?code=hiv')])],
    ['POST', '', bundle('transaction', [entry('DELETE', `Observation/${id.secret}`)])],
    ['POST', '', bundle('transaction', [entry('DELETE', 'Observation?identifier=hidden')])],
    [
      'POST',
      '',
      bundle('transaction', [
        entry('POST', 'Observation', observation('mine', 'x', { focus: [{ reference: 'Patient?name=other' }] })),
      ]),
    ],
  ],
});

/** What an answer says, without what differs from request to request. */
const plain = ({ status, text }: Reply): string =>
  `${status} ${text.replace(/_page=[\w-]+/g, '_page').replace(/"id":"[^"]+"\}$/, '')}`;

async function ask(as: Partial<Principal>): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const principal: Principal = { tenant: 1, kind: 'client', scopes: ['system/*.cruds'], view: 'full', id: '', ...as };
  const { patients } = house.records;
  answers.set('ports search', JSON.stringify(await patients.search(principal, 'ot', { count: 9 })));
  answers.set('ports byIds', JSON.stringify(await patients.byIds(principal, [id.mine ?? '', id.other ?? ''])));
  answers.set('ports encounters', JSON.stringify(await patients.encounters(principal, id.other ?? '', { count: 9 })));
  for (const [surface, probes] of Object.entries(surfaces())) {
    for (const [index, [method, path, sent = {}]] of probes.entries()) {
      const reply = await house.send(method, path.replaceAll(' ', '%20'), { ...sent, as: { ...as, ...sent.as } });
      assert.ok(reply.status < 500, `${method} ${path}: ${reply.text}`);
      answers.set(`${surface} ${index} ${method} ${path}`, plain(reply));
    }
  }
  return answers;
}

/** Before a round nothing hidden is there, nor in any history. */
async function forget(): Promise<void> {
  for (const table of ['search', 'ordered', 'history', 'resource']) {
    await house.store.sql('clinical', `delete from records.${table}`);
  }
  for (const table of ['token', 'part']) await house.store.sql('identity', `delete from records.${table}`);
}

async function differing(): Promise<string[]> {
  await forget();
  await shown();
  const none = await ask({ id: limited });
  await hidden();
  const there = await ask({ id: limited });
  return [...none].filter(([probe, answer]) => there.get(probe) !== answer).map(([probe]) => probe);
}

describe('what is hidden leaves no trace', () => {
  for (const [name, sightOf] of Object.entries(sights)) {
    test(`from who is limited by ${name}`, async () => {
      visible = (type) => [sightOf(type)];
      assert.deepEqual(await differing(), []);
    });
  }

  test('negative control: without the exceptions the labelled rows tell', async () => {
    visible = () => [{ patients: [id.mine ?? ''] }];
    assert.ok((await differing()).length > 15);
  });

  // Last: without the guard keys are destroyed for good.
  test('negative control: without the guard every surface tells', async () => {
    visible = () => 'all';
    const told = await differing();
    for (const surface of [...Object.keys(surfaces()), 'ports']) {
      assert.ok(
        told.some((probe) => probe.startsWith(surface)),
        surface,
      );
    }
    assert.ok(told.length > 40, told.join('\n'));
  });
});
