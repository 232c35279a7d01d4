import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

let house: Served;
before(async () => {
  house = await openServed();
});
after(() => house.close());

const send = (method: string, path: string, sent?: Sent): Promise<Reply> => house.send(method, path, sent);
const tag = (code: string): object => ({ system: 'urn:t', code });
const metaParameters = (meta: object): Sent => ({
  body: { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] },
});
const metaOf = ({ json }: Reply): Record<string, unknown> => json.parameter[0].valueMeta;
const basic = (more: object = {}): object => ({ resourceType: 'Basic', code: { text: 'a' }, ...more });

test('$meta: of a version, a resource, a type, everything', async () => {
  const { id } = (await send('POST', '/Basic', { body: basic({ meta: { tag: [tag('one')] } }) })).json;
  await send('PUT', `/Basic/${id}`, { body: basic({ id, meta: { tag: [tag('two')], profile: ['http://p'] } }) });
  await send('POST', '/List', {
    body: { resourceType: 'List', status: 'current', mode: 'working', meta: { security: [tag('s')] } },
  });
  const now = metaOf(await send('GET', `/Basic/${id}/$meta`));
  assert.deepEqual([now.versionId, now.tag, now.profile], ['2', [tag('two')], ['http://p']]);
  assert.deepEqual(metaOf(await send('GET', `/Basic/${id}/_history/1/$meta`)).tag, [tag('one')]);
  assert.deepEqual(metaOf(await send('GET', '/Basic/$meta')), { profile: ['http://p'], tag: [tag('two')] });
  assert.deepEqual(metaOf(await send('POST', '/$meta')), {
    profile: ['http://p'],
    security: [tag('s')],
    tag: [tag('two')],
  });
});

test('$meta-add and $meta-delete: sets, in a new version; an earlier version stays as it is', async () => {
  const { id } = (await send('POST', '/Basic', { body: basic({ meta: { tag: [tag('a')] } }) })).json;
  const path = `/Basic/${id}`;
  const added = await send(
    'POST',
    `${path}/$meta-add`,
    metaParameters({ tag: [tag('a'), tag('b')], profile: ['http://q'] }),
  );
  assert.equal(added.status, 200, added.text);
  const { versionId, tag: tags, profile } = metaOf(added);
  assert.deepEqual([versionId, tags, profile], ['2', [tag('a'), tag('b')], ['http://q']]);
  const removed = metaOf(await send('POST', `${path}/$meta-delete`, metaParameters({ tag: [tag('a')] })));
  assert.deepEqual([removed.tag, removed.profile], [[tag('b')], ['http://q']]);
  assert.deepEqual((await send('GET', path)).json.meta.tag, [tag('b')]);
  const current = `${path}/_history/3/$meta-add`;
  assert.equal((await send('POST', current, metaParameters({ tag: [tag('c')] }))).status, 200);
  assert.equal((await send('POST', current, metaParameters({ tag: [tag('d')] }))).status, 422);
  assert.equal((await send('POST', `${path}/$meta-add`, { body: basic() })).status, 400);
  assert.equal((await send('POST', `${path}/$meta-add`, metaParameters({ tag: 'x' }))).status, 400);
  assert.equal(
    (await send('POST', `/Basic/${crypto.randomUUID()}/$meta-add`, metaParameters({ tag: [tag('e')] }))).status,
    404,
  );
});

test('$validate: 200 with findings, whatever they are; 400 where nothing could be judged', async () => {
  const errors = ({ json }: Reply): number =>
    json.issue.filter((issue: { severity: string }) => issue.severity === 'error').length;
  const good = await send('POST', '/Basic/$validate', { body: basic() });
  assert.deepEqual([good.status, errors(good)], [200, 0], good.text);
  const bad = await send('POST', '/Patient/$validate', { body: { resourceType: 'Patient', gender: 'x' } });
  assert.equal(bad.status, 200);
  assert.ok(errors(bad) > 0);
  const other = await send('POST', '/Patient/$validate', { body: basic() });
  assert.ok(other.status === 200 && errors(other) > 0);
  const vital = 'http://hl7.org/fhir/StructureDefinition/vitalsigns';
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
  const asked = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'resource', resource: observation },
      { name: 'profile', valueUri: vital },
      { name: 'mode', valueCode: 'profile' },
    ],
  };
  const profiled = await send('POST', '/Observation/$validate', { body: asked });
  assert.ok(profiled.status === 200 && errors(profiled) > 0, profiled.text);
  assert.equal(errors(await send('POST', '/Observation/$validate', { body: observation })), 0);
  const unknown = await send('POST', '/Observation/$validate?profile=http://nobody/knows', { body: observation });
  assert.ok(errors(unknown) > 0);
  const { id } = (await send('POST', '/Basic', { body: basic() })).json;
  assert.equal(errors(await send('GET', `/Basic/${id}/$validate`)), 0);
  assert.equal(errors(await send('POST', `/Basic/${id}/$validate?mode=update`, { body: basic({ id: 'other' }) })), 1);
  assert.equal((await send('POST', `/Basic/${id}/$validate?mode=delete`)).status, 200);
  assert.equal((await send('POST', '/Basic/$validate?mode=nonsense', { body: basic() })).status, 400);
  assert.equal((await send('POST', '/Basic/$validate', { body: '{' })).status, 400);
  assert.equal((await send('GET', `/Basic/${crypto.randomUUID()}/$validate`)).status, 404);
});

const reference = (text: string): object => ({ reference: text });
const observation = (patient: string, code: string, date: string, more: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: reference(patient),
  effectiveDateTime: date,
  ...more,
});

interface Found {
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search: { readonly mode: string };
}

async function walk(path: string, sent?: Sent): Promise<Found[]> {
  const found: Found[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const { status, json, text }: Reply = await send('GET', next, sent);
    assert.equal(status, 200, text);
    found.push(...(json.entry ?? []));
    const link = json.link.find(({ relation }: { relation: string }) => relation === 'next');
    next = link?.url.replace('https://test', house.url);
  }
  return found;
}

test('Patient/$everything: the compartment and what it shares, nothing of another; filters and pages', async () => {
  const make = async (type: string, body: object): Promise<string> =>
    `${type}/${(await send('POST', `/${type}`, { body: { resourceType: type, ...body } })).json.id}`;
  const doctor = await make('Practitioner', { name: [{ family: 'House' }] });
  const [me, other] = [await make('Patient', {}), await make('Patient', {})];
  const old = await make('Observation', observation(me, '1', '2001-05-05', { performer: [reference(doctor)] }));
  const early = new Date(house.clock.at).toISOString();
  house.clock.at += 10_000;
  const young = await make('Observation', observation(me, '2', '2020-05-05'));
  const condition = await make('Condition', { subject: reference(me), onsetDateTime: '2020-01-01' });
  await make('Observation', observation(other, '1', '2020-05-05'));
  const names = (found: readonly Found[]): string[] =>
    found.map(({ resource }) => `${resource.resourceType}/${resource.id}`).sort();
  const all = [me, old, young, condition, doctor].sort();
  assert.deepEqual(names(await walk(`/${me}/$everything`)), all);
  const paged = await walk(`/${me}/$everything?_count=1`);
  assert.deepEqual([...new Set(names(paged))], all);
  assert.deepEqual(names(await walk(`/${me}/$everything?_type=Observation`)), [old, young].sort());
  assert.deepEqual(names(await walk(`/${me}/$everything?start=2019-01-01&end=2020-03`)), [me, condition].sort());
  assert.deepEqual(names(await walk(`/${me}/$everything?_since=${early}&_type=Observation`)), [old, young].sort());
  const late = new Date(house.clock.at).toISOString();
  assert.deepEqual(names(await walk(`/${me}/$everything?_since=${late}&_type=Observation`)), [young]);
  assert.equal((await send('GET', `/${me}/$everything?_sort=x`)).status, 400);
  assert.equal((await send('GET', `/${doctor}/$everything`)).status, 404);
  assert.equal((await send('GET', `/Patient/${crypto.randomUUID()}/$everything`)).status, 404);
  const as = { scopes: ['system/Patient.rs', 'system/Condition.rs'] };
  assert.deepEqual(names(await walk(`/${me}/$everything`, { as })), [me, condition].sort(), 'types that are permitted');
});

test('Observation/$lastn: the newest of each code, one patient', async () => {
  const me = `Patient/${(await send('POST', '/Patient', { body: { resourceType: 'Patient' } })).json.id}`;
  const category = [{ coding: [{ system: 'urn:c', code: 'lab' }] }];
  for (const [code, date] of [
    ['a', '2020-01-01'],
    ['a', '2022-01-01'],
    ['a', '2021-01-01'],
    ['b', '2019-01-01'],
  ] as const)
    await send('POST', '/Observation', { body: observation(me, code, date, { category }) });
  await send('POST', '/Observation', { body: observation(me, 'c', '2023-01-01') });
  const dates = async (query: string): Promise<string[]> =>
    ((await send('GET', `/Observation/$lastn?${query}`)).json.entry ?? []).map(
      (entry: { resource: { effectiveDateTime: string } }) => entry.resource.effectiveDateTime,
    );
  assert.deepEqual(await dates(`patient=${me}&category=urn:c|lab`), ['2022-01-01', '2019-01-01']);
  assert.deepEqual(await dates(`subject=${me}&category=lab&max=2`), ['2022-01-01', '2021-01-01', '2019-01-01']);
  assert.deepEqual(await dates(`patient=${me}&code=c`), ['2023-01-01']);
  assert.equal((await send('GET', `/Observation/$lastn?patient=${me}`)).status, 400);
  assert.equal((await send('GET', '/Observation/$lastn?code=c')).status, 400);
});

test('$purge: by permission; what was sealed under the patient is gone', async () => {
  const { id } = (await send('POST', '/Patient', { body: { resourceType: 'Patient' } })).json;
  const made = (await send('POST', '/Observation', { body: observation(`Patient/${id}`, 'x', '2020-01-01') })).json;
  assert.equal((await send('POST', `/Patient/${id}/$purge`)).status, 403);
  assert.equal((await send('GET', `/Patient/${id}`)).status, 200);
  const as = { permissions: ['purge'] };
  assert.equal((await send('POST', `/Patient/${id}/$purge`, { as: { ...as, scopes: ['system/*.r'] } })).status, 403);
  assert.equal((await send('POST', `/Patient/${id}/$purge`, { as })).status, 200);
  assert.equal((await send('GET', `/Patient/${id}`)).status, 410);
  assert.equal((await send('GET', `/Observation/${made.id}`)).status, 410);
  assert.equal((await send('POST', `/Patient/${crypto.randomUUID()}/$purge`, { as })).status, 404);
  assert.equal((await send('POST', `/Observation/${made.id}/$purge`, { as })).status, 404);
});
