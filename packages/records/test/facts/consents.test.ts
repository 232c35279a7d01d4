import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConsentSnapshot } from '@safeguard/access';
import { typeNumber } from '@safeguard/fhir';
import { newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { factTypes } from '../../facts/changes.ts';
import { type FactsHouse, openFactsHouse, optOut, ref, team, tenant } from './facts-house.ts';

let house: FactsHouse;
before(async () => {
  house = await openFactsHouse();
});
after(() => house.close());

const idsOf = ({ consents }: ConsentSnapshot): string[] => consents.map((one) => (one as { id: string }).id);
const now = async (): Promise<string[]> => idsOf(await house.facts.consents(tenant));

test('consents in force: given, changed, withdrawn, deleted, and nothing else', async () => {
  const ann = newId();
  const before = await now();
  const made = await house.make('Consent', optOut(ann));
  assert.deepEqual(await now(), [...before, made], 'a write of this process holds at once');
  const first = await house.facts.consents(tenant);
  const shown = first.consents.at(-1) as { patient: unknown; provision: unknown; meta: { versionId: string } };
  assert.deepEqual([shown.patient, shown.provision], [ref(`Patient/${ann}`), { type: 'deny' }]);
  assert.equal(shown.meta.versionId, '1');

  await house.make('Consent', optOut(ann, { status: 'proposed' }));
  const research = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] };
  await house.make('Consent', optOut(ann, { scope: research }));
  assert.equal(await house.facts.consents(tenant), first, 'the same list while none in force changes');

  await house.change('Consent', made, optOut(ann, { status: 'inactive' }));
  const withdrawn = await house.facts.consents(tenant);
  assert.deepEqual(idsOf(withdrawn), before);
  assert.notEqual(withdrawn.version, first.version);
  await house.change('Consent', made, optOut(ann));
  assert.deepEqual(await now(), [...before, made]);
  await house.remove('Consent', made);
  assert.deepEqual(await now(), before);
  assert.deepEqual(idsOf(await house.facts.consents(2)), []);
});

test('the newest stand last; a bundle is seen at once', async () => {
  const known = await now();
  const ann = newId();
  const older = await house.make('Consent', optOut(ann));
  house.later(5);
  const entry = [1, 2].map(() => ({
    resource: { resourceType: 'Consent', ...optOut(ann) },
    request: { method: 'POST', url: 'Consent' },
  }));
  const { status, json } = await house.send('POST', '/', {
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  assert.equal(status, 200);
  const made: string[] = json.entry.map(
    ({ response }: { response: { location: string } }) => /Consent\/([^/]+)/.exec(response.location)?.[1],
  );
  assert.deepEqual(await now(), [...known, older, ...made.sort()]);
});

/** A segment that tells which statements it was asked. */
function watched(segment: Segment): Segment & { names: string[]; rows: number } {
  return {
    ...segment,
    names: [],
    rows: 0,
    async query(of, statement, values) {
      this.names.push(statement.name);
      const rows = await segment.query(of, statement, values);
      if (statement.name === 'records-fact-rows') this.rows += rows.length;
      return rows as never;
    },
  };
}

test('a second process: within a second, one small query each, and only what changed is opened', async () => {
  for (let n = 0; n < 20; n += 1) await house.make('Consent', optOut(newId()));
  const clinical = watched(house.segments.clinical);
  const other = house.beside(clinical);
  assert.deepEqual(idsOf(await other.consents(tenant)), await now());

  clinical.names = [];
  const made = await house.make('Consent', optOut(newId()));
  const same = await other.consents(tenant);
  assert.equal(idsOf(same).includes(made), false);
  assert.deepEqual(clinical.names, [], 'nothing is asked twice in one second');
  house.later(1_000);
  clinical.rows = 0;
  assert.equal(idsOf(await other.consents(tenant)).includes(made), true);
  assert.equal(clinical.rows, 1, 'the others are not opened again');

  clinical.names = [];
  house.later(1_000);
  assert.deepEqual(idsOf(await other.consents(tenant)), await now());
  assert.deepEqual(clinical.names, ['records-fact-changes']);
  house.later(40 * 60_000);
  clinical.rows = 0;
  const whole = await other.consents(tenant);
  assert.deepEqual(
    [idsOf(whole), clinical.rows],
    [await now(), 0],
    'after a long sleep all heads, still nothing opened',
  );

  await house.remove('Consent', made);
  house.later(1_000);
  assert.equal(idsOf(await other.consents(tenant)).includes(made), false);
});

test('what is erased for good is seen too', async () => {
  const made = await house.make('Consent', optOut(newId()));
  const other = house.beside();
  assert.equal(idsOf(await other.consents(tenant)).includes(made), true);
  const text = 'delete from records.resource where tenant = $1 and id = $2';
  await house.segments.clinical.query(tenant, { name: 'test-erase', text }, [tenant, made]);
  house.later(1_000);
  assert.equal(idsOf(await other.consents(tenant)).includes(made), false);
});

test('a transaction that was open during a look is seen when it is committed, whatever its times say', async () => {
  const made = await house.make('Consent', optOut(newId()));
  const other = house.beside();
  assert.equal(idsOf(await other.consents(tenant)).includes(made), true);
  const markers = (): Promise<object[]> =>
    house.segments.clinical.query(tenant, { name: 'test-markers', text: newest }, [tenant, typeNumber('Consent')]);
  const newest = 'select max(at), count(*)::int4 as n from records.resource where tenant = $1 and type = $2';
  let before: object[] = [];
  // As a slow writer with a clock that is behind would.
  const text = `update records.resource set body = null, version = version + 1, at = now() - interval '1 day'
    where tenant = $1 and id = $2`;
  await house.segments.clinical.transaction(tenant, async (connection) => {
    await connection.query({ name: 'test-withdraw', text }, [tenant, made]);
    house.later(1_000);
    await house.make('Consent', optOut(newId()));
    assert.equal(idsOf(await other.consents(tenant)).includes(made), true, 'not committed');
    before = await markers();
    house.later(1_000);
    assert.equal(idsOf(await other.consents(tenant)).includes(made), true);
  });
  assert.deepEqual(await markers(), before, 'neither the newest time nor the number of rows would tell');
  house.later(1_000);
  assert.equal(idsOf(await other.consents(tenant)).includes(made), false);
});

test('who is named by an identifier is looked up in identity; nobody else is', async () => {
  const role = { coding: [{ system: 'urn:safeguard:role', code: 'researcher' }] };
  const identifier = { system: 'http://staff', value: '17' };
  const provision = { type: 'permit', actor: [{ role, reference: { identifier } }] };
  const made = await house.make('Consent', optOut(newId(), { provision }));
  const other = house.beside();
  const found = (await other.consents(tenant)).consents.find((one) => (one as { id: string }).id === made);
  assert.deepEqual((found as { provision: unknown }).provision, provision);
});

test('what cannot be read is unavailable, never empty; and is tried again', async () => {
  const broken = { is: false };
  const clinical: Segment = {
    ...house.segments.clinical,
    query: (of, statement, values) =>
      broken.is ? Promise.reject(new Error('gone')) : house.segments.clinical.query(of, statement, values),
  };
  const other = house.beside(clinical);
  const doctor = `Practitioner/${newId()}`;
  const patient = newId();
  await house.make('CareTeam', team(patient, [doctor]));
  broken.is = true;
  for (const ask of [
    () => other.consents(tenant),
    () => other.careTeam(tenant, doctor),
    () => other.careTeamOf(tenant, patient),
    () => other.organizations(tenant, doctor),
    () => other.organizationOf(tenant, patient),
  ]) {
    await assert.rejects(ask(), { kind: 'unavailable' });
  }
  broken.is = false;
  assert.deepEqual(await other.careTeam(tenant, doctor), [patient]);
  const known = idsOf(await other.consents(tenant));
  assert.deepEqual(known, await now());

  // It fails between the look and the reading: what changed is not forgotten.
  house.later(1);
  const made = await house.make('Consent', optOut(newId()));
  house.later(1_000);
  await other.careTeam(tenant, doctor);
  broken.is = true;
  await assert.rejects(other.consents(tenant), { kind: 'unavailable' });
  broken.is = false;
  assert.deepEqual(idsOf(await other.consents(tenant)), [...known, made]);
});

test('the trigger watches the types that facts are made of', async () => {
  const text = `select pg_get_triggerdef(oid) as def from pg_trigger where tgname in ('fact_written', 'fact_erased')`;
  const rows = await house.segments.clinical.query<{ def: string }>(tenant, { name: 'test-triggers', text });
  const numbers = factTypes.map(typeNumber).sort((one, other) => one - other);
  assert.equal(rows.length, 2);
  for (const { def } of rows)
    assert.deepEqual(
      [...def.matchAll(/\b\d+\b/g)].map(([n]) => Number(n)),
      numbers,
    );
});
