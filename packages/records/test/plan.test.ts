import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planBundle } from '../bundle/plan.ts';
import { conditionOf } from '../bundle/references.ts';

const base = 'https://safeguard.example/fhir/R4';
const plan = (...entry: unknown[]) => planBundle({ resourceType: 'Bundle', type: 'batch', entry }, base).entries;
const id = '11111111-2222-4333-8444-555555555555';

test('the URL and method of an entry name its interaction', () => {
  const resource = { resourceType: 'Patient', id };
  const cases: [string, string, string][] = [
    ['POST', 'Patient', 'create'],
    ['PUT', `Patient/${id}`, 'update'],
    ['DELETE', `Patient/${id}`, 'delete'],
    ['GET', `Patient/${id}`, 'read'],
    ['GET', `/Patient/${id}/_history/2`, 'vread'],
    ['GET', `${base}/Patient/${id}/_history`, 'history-instance'],
    ['GET', 'Patient?identifier=x', 'search-type'],
    ['GET', 'Patient', 'search-type'],
    ['GET', 'Patient/_history', 'history-type'],
    ['PUT', 'Patient?identifier=a?b', 'update'],
    ['DELETE', 'Patient?identifier=x', 'delete'],
  ];
  for (const [method, url, action] of cases) {
    const writes = method === 'POST' || method === 'PUT';
    const [entry] = plan({ ...(writes ? { resource } : {}), request: { method, url } });
    assert.equal(entry?.action, action, `${method} ${url}`);
    assert.equal(entry?.type, 'Patient');
  }
});

test('a search in the URL of a write is its condition, whole', () => {
  const resource = { resourceType: 'Patient' };
  const [put] = plan({ resource, request: { method: 'PUT', url: 'Patient?identifier=a?b&_id=c' } });
  assert.deepEqual([put?.criteria, put?.id], ['identifier=a?b&_id=c', undefined]);
  const data = Buffer.from('[{"op":"remove","path":"/x"}]').toString('base64');
  const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
  const [patch] = plan({ resource: binary, request: { method: 'PATCH', url: `Patient/${id}` } });
  assert.deepEqual(patch?.patch, { kind: 'json', operations: [{ op: 'remove', path: '/x' }] });
});

test('what is not served is refused with the place of the entry, and nothing else is done', () => {
  const wrong = [
    { request: { method: 'GET', url: 'Nonsense' } },
    { request: { method: 'POST', url: `Patient/${id}` }, resource: { resourceType: 'Patient' } },
    { request: { method: 'PUT', url: `Patient/${id}?identifier=x` }, resource: { resourceType: 'Patient' } },
    { request: { method: 'DELETE', url: 'Patient' } },
    { request: { method: 'DELETE', url: `Patient/${id}/_history` } },
    { request: { method: 'PATCH', url: `Patient/${id}` } },
    { request: { method: 'PATCH', url: `Patient/${id}` }, resource: { resourceType: 'Patient' } },
    { request: { method: 'GET', url: '_history' } },
    { request: { method: 'GET', url: 'Patient/_history/1' } },
    { request: { method: 'GET', url: 'https://elsewhere.example/fhir/R4/Patient/1' } },
    { request: { method: 'GET', url: 'Patient/1/$everything' } },
    { request: { method: 'GET', url: '../admin' } },
    { request: { method: 'POST', url: 'Patient' } },
  ];
  for (const entry of wrong) {
    const good = { request: { method: 'GET', url: 'Patient' } };
    assert.throws(
      () => plan(good, entry),
      ({ kind, issues }: { kind: string; issues: { at: string }[] }) =>
        kind === 'invalid' && issues[0]?.at.startsWith('Bundle.entry[1]') === true,
      JSON.stringify(entry),
    );
  }
});

test('a body that is no bundle to work on is refused', () => {
  for (const body of [undefined, null, 3, [], {}, { resourceType: 'Patient' }, { resourceType: 'Bundle' }])
    assert.throws(() => planBundle(body, base), { kind: 'invalid' });
  const collection = { resourceType: 'Bundle', type: 'collection' };
  assert.throws(() => planBundle(collection, base), /batch or transaction/);
  const many = Array.from({ length: 30_001 }, () => ({ request: { method: 'GET', url: 'Patient' } }));
  assert.throws(() => plan(...many), { kind: 'tooLarge' });
});

test('only `Type?query` is a condition', () => {
  assert.deepEqual(conditionOf('Patient?identifier=a?b'), { type: 'Patient', condition: 'identifier=a?b' });
  for (const other of ['Patient/1', '?x=1', 'patient?x=1', 'Patient?', 'urn:uuid:1', 'http://x/Patient?x=1'])
    assert.equal(conditionOf(other), undefined, other);
});
