import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, resourceTypes, validate } from '@safeguard/fhir';
import { capabilityStatement, createMetadata, type ServedRoute, searchables, servedBy } from '../conformance/index.ts';

const json = ['application/fhir+json', 'application/json'];
const xml = [...json, 'application/fhir+xml'];
const route = (line: string, accepts?: readonly string[]): ServedRoute => {
  const [method = '', path = ''] = line.split(' ');
  return { method: method as 'GET', path, ...(accepts ? { accepts } : {}) };
};

const small = [route('GET /:type/:id'), route('POST /:type', json), route('GET /:type')];
const large = [
  ...small,
  route('POST /:type', xml),
  route('GET /:kind/:key/_history/:version'),
  route('PUT /:type/:id', xml),
  route('PUT /:type', xml),
  route('PATCH /:type/:id', ['application/json-patch+json']),
  route('DELETE /:type'),
  route('POST ', xml),
  route('GET '),
  route('GET /Patient/:id/:type'),
  route('GET /Patient/:id/$everything'),
  route('POST /:type/$validate', xml),
  route('POST /:type/:id/$validate', xml),
  route('GET /Observation/$lastn'),
  route('POST /$reindex', xml),
];

const base = 'https://localhost:8443/fhir/R4';
// biome-ignore lint/suspicious/noExplicitAny: a test looks into a document
const statementOf = (routes: readonly ServedRoute[]): any =>
  JSON.parse(
    JSON.stringify(
      capabilityStatement(
        {
          served: servedBy(routes),
          parameters: (type) => searchables(type),
          date: '2026-01-01T00:00:00Z',
          updateCreate: false,
          conditionalDelete: 'single',
          profiles: new Map([['Patient', ['http://example.org/p']]]),
        },
        base,
      ),
    ),
  );

const codes = (list: readonly { code: string }[]): string[] => list.map(({ code }) => code);

test('a statement claims what the routes serve and nothing more', () => {
  const few = statementOf(small).rest[0];
  assert.deepEqual(codes(few.resource[0].interaction), ['read', 'create', 'search-type']);
  assert.deepEqual(few.interaction, []);
  assert.equal(few.resource[0].conditionalUpdate, false);
  assert.equal(few.resource[0].conditionalDelete, 'not-supported');
  assert.equal(few.resource[0].operation, undefined);
  assert.equal(few.compartment, undefined);
  assert.deepEqual(statementOf(small).format, ['application/fhir+json', 'json']);

  const most = statementOf(large);
  assert.deepEqual(codes(most.rest[0].interaction), ['transaction', 'batch', 'search-system']);
  assert.deepEqual(most.patchFormat, ['application/json-patch+json']);
  const patient = most.rest[0].resource.find(({ type }: { type: string }) => type === 'Patient');
  assert.deepEqual(codes(patient.interaction), ['read', 'vread', 'update', 'patch', 'create', 'search-type']);
  assert.equal(patient.conditionalUpdate, true);
  assert.equal(patient.conditionalDelete, 'single');
  assert.deepEqual(patient.supportedProfile, ['http://example.org/p']);
  const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);
  assert.deepEqual(names(patient.operation), ['everything', 'validate']);
  assert.deepEqual(names(most.rest[0].operation), ['reindex']);
  assert.equal(most.rest[0].operation[0].definition, `${base}/OperationDefinition/safeguard-reindex`);
  assert.deepEqual(most.rest[0].compartment, ['http://hl7.org/fhir/CompartmentDefinition/patient']);
});

test('every type, its search parameters, includes there and back', () => {
  const { resource } = statementOf(large).rest[0];
  assert.deepEqual(
    resource.map(({ type }: { type: string }) => type),
    resourceTypes,
  );
  const patient = resource.find(({ type }: { type: string }) => type === 'Patient');
  const name = patient.searchParam.find((one: { name: string }) => one.name === 'name');
  assert.deepEqual(name, {
    name: 'name',
    definition: 'http://hl7.org/fhir/SearchParameter/Patient-name',
    type: 'string',
  });
  assert.ok(patient.searchInclude.includes('Patient:organization'));
  assert.ok(patient.searchRevInclude.includes('Observation:subject'));
  for (const one of resource) {
    const all = one.searchParam.map((parameter: { name: string }) => parameter.name);
    assert.equal(new Set(all).size, all.length, one.type);
  }
});

test('a tenant’s own parameters stand with their own definition', () => {
  const custom = [
    {
      code: 'race',
      type: 'token' as const,
      url: 'http://example.org/race',
      number: 1000,
      base: ['Patient'],
      target: [],
      expression: 'Patient.extension.value',
    },
  ];
  assert.deepEqual(
    searchables('Patient', custom).find(({ code }) => code === 'race'),
    { code: 'race', type: 'token', target: [], url: 'http://example.org/race' },
  );
  assert.equal(
    searchables('Observation', custom).some(({ code }) => code === 'race'),
    false,
  );
});

test('both statements are valid R4; each base has its own, made once', () => {
  const metadata = createMetadata({
    served: servedBy(large),
    parameters: (type) => searchables(type),
    date: '2026-01-01T00:00:00Z',
    updateCreate: false,
    conditionalDelete: 'single',
    profiles: new Map(),
  });
  for (const mode of [null, 'full', 'normative', 'terminology']) {
    const errors = validate(parseJson(Buffer.from(metadata.text(base, mode))), {}).filter(
      ({ severity }) => severity === 'error',
    );
    assert.deepEqual(errors, [], String(mode));
  }
  for (const endpoint of ['authorize', 'token', 'introspect', 'revoke']) {
    const uri = `{"url":"${endpoint}","valueUri":"https://other/oauth2/${endpoint}"}`;
    assert.ok(metadata.text('https://other/fhir/R4', null).includes(uri), endpoint);
  }
  assert.ok(metadata.text('https://other/fhir/R4', null).includes('https://other/oauth2/token'));
  const began = performance.now();
  for (let time = 0; time < 1000; time += 1) metadata.text(base, 'full');
  assert.ok(performance.now() - began < 100, 'kept as text');
  assert.throws(() => metadata.text(base, 'everything'), { kind: 'invalid' });
});
