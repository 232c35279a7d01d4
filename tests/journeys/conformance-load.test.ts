/** `safeguard fhir load` of a real implementation guide, and what a tenant's own definitions then do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';
import { needs, sharedData } from '../harness/shared.ts';

const guides = sharedData('ig');
const core = 'hl7.fhir.us.core-6.1.0.tgz';

let safeguard: Instance;
let token: string;
before(async () => {
  safeguard = await start({ tls: 'off' });
  token = await safeguard.token('system/*.cruds', { may: 'reindex' });
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

const ask = (path: string, more: Omit<Asked, 'path'> = {}): Promise<Answer> =>
  safeguard.request({ path: `/fhir/R4${path}`, token, ...more });
const post = async (resource: { resourceType: string; [element: string]: unknown }): Promise<Answer> =>
  ask(`/${resource.resourceType}`, { method: 'POST', body: resource });

const hair = 'http://example.org/hair';
const patient = (color: string) => ({
  resourceType: 'Patient',
  extension: [{ url: hair, valueCode: color }],
  name: [{ family: 'Combwell' }],
});
const parameter = (more: object = {}) => ({
  resourceType: 'SearchParameter',
  url: 'http://example.org/SearchParameter/hair',
  name: 'Hair',
  status: 'active',
  description: 'Colour of the hair',
  code: 'hair',
  base: ['Patient'],
  type: 'token',
  expression: `Patient.extension.where(url = '${hair}').value`,
  ...more,
});

/** Until the index of what is stored is built anew. */
async function indexed(): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const { json } = await ask('/$reindex-status');
    const states = (json.parameter ?? []).flatMap(({ part }: { part: { name: string; valueCode?: string }[] }) =>
      part.filter(({ name }) => name === 'state').map(({ valueCode }) => valueCode),
    );
    if (states.length > 0 && states.every((state: string) => state === 'finished')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the index was not built within 20 s');
}

describe('a tenant’s own search parameter', () => {
  test('is known at once, finds what is written, and after the reindex what was stored before', async () => {
    assert.equal((await ask('/Patient?hair=red')).status, 400);
    const [before] = [await post(patient('red'))];
    const made = await post(parameter());
    assert.equal(made.status, 201, made.text);
    const [red, black] = [await post(patient('red')), await post(patient('black'))];
    const found = async (query: string): Promise<string[]> => {
      const { status, json, text } = await ask(`/Patient?${query}`);
      assert.equal(status, 200, text);
      return (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id).sort();
    };
    assert.deepEqual(await found('hair=red'), [before?.json.id, red.json.id].sort(), 'while the index is being built');
    await indexed();
    assert.deepEqual(await found('hair=red'), [before?.json.id, red.json.id].sort());
    assert.deepEqual(await found('hair:not=red'), [black.json.id]);

    const changed = await ask(`/SearchParameter/${made.json.id}`, {
      method: 'PUT',
      body: { ...made.json, status: 'retired' },
    });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await ask('/Patient?hair=red')).status, 400, 'what is retired is not served');
  });

  test('the operator builds the index anew and sees it done', async () => {
    const done = await safeguard.cli('search', 'reindex', '--type', 'Patient', '--wait', '--json');
    assert.equal(done.code, 0, done.stderr);
    const [run] = JSON.parse(done.stdout).filter(({ type }: { type: string }) => type === 'Patient');
    assert.equal(run.done, 3);
    assert.ok(run.finished);
    const status = await safeguard.cli('search', 'status');
    assert.match(status.stdout, /Patient +3 +finished/);
    const wrong = await safeguard.cli('search', 'reindex', '--tenant', 'nobody');
    assert.equal(wrong.code, 1);
  });

  test('is refused where it cannot be served', async () => {
    for (const more of [
      { code: 'gender', expression: 'Patient.birthDate' },
      { code: 'x', expression: 'Patient.where(' },
      { code: 'x', base: ['Nobody'] },
    ]) {
      const { status, json } = await post(parameter(more));
      assert.ok(status === 400 || status === 422, String(status));
      assert.equal(json.resourceType, 'OperationOutcome');
    }
  });
});

describe('US Core 6.1.0', { ...needs(guides, 'US Core') }, () => {
  const load = async (...more: string[]) => {
    const began = performance.now();
    const { code, stdout, stderr } = await safeguard.cli('fhir', 'load', join(guides ?? '', core), '--json', ...more);
    process.stdout.write(`# fhir load: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    assert.doesNotMatch(stderr, /safeguard:/);
    return { code, summary: JSON.parse(stdout) };
  };

  test('loads whole, and again as the next versions', async () => {
    const { code, summary } = await load();
    assert.deepEqual(summary.refusals, []);
    assert.equal(code, 0);
    assert.deepEqual(
      Object.entries(summary.types).map(([type, counts]) => [type, (counts as { created: number }).created]),
      [
        ['CodeSystem', 5],
        ['ValueSet', 36],
        ['StructureDefinition', 59],
        ['SearchParameter', 106],
      ],
    );
    const again = await load();
    assert.equal(again.summary.created, 0);
    assert.equal(again.summary.updated, 206);
    const found = await ask('/StructureDefinition?url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient');
    assert.equal(found.json.entry.length, 1);
  });

  test('its profiles count from then on for what claims them', async () => {
    const profile = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
    const claims = { resourceType: 'Patient', meta: { profile: [profile] } };
    const refused = await post({ ...claims, gender: 'female' });
    assert.equal(refused.status, 422, refused.text);
    const kept = await post({
      ...claims,
      gender: 'female',
      name: [{ family: 'Corewell', given: ['Ada'] }],
      identifier: [{ system: 'http://example.org/mrn', value: '1' }],
    });
    assert.equal(kept.status, 201, kept.text);
    assert.equal((await post({ resourceType: 'Patient', gender: 'female' })).status, 201);
  });

  test('its search parameters are served', async () => {
    await indexed();
    const race = await ask('/Patient?race=urn:oid:2.16.840.1.113883.6.238|2106-3');
    assert.equal(race.status, 200, race.text);
    assert.equal((await ask('/Condition?asserted-date=2020')).status, 200);
    assert.equal((await ask('/Patient?birthdate=2020')).status, 200);
  });

  test('a package that is none, or not there, is refused in words', async () => {
    const absent = await safeguard.cli('fhir', 'load', 'absent.tgz');
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /absent\.tgz cannot be read/);
    const registry = await safeguard.cli('fhir', 'load', 'some.guide@1.0.0', '--registry', 'http://127.0.0.1:9');
    assert.equal(registry.code, 1);
    assert.match(registry.stderr, /nothing listens on 127\.0\.0\.1:9/);
  });
});
