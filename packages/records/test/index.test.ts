import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Condition, parametersOf, type Test } from '@safeguard/fhir';
import { type JsonObject, newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { probe } from '../index-rows/index.ts';
import { openIndexHouse } from './index-house.ts';

const tenant = 1;
let house: Awaited<ReturnType<typeof openIndexHouse>>;
before(async () => {
  house = await openIndexHouse();
});
after(() => house.close());

const asked = (name: string, test: Test, modifier?: Condition['modifier']): Condition => {
  const [type = '', code = ''] = name.split('.');
  const parameter = parametersOf(type).get(code);
  assert.ok(parameter, name);
  return { kind: 'condition', parameter, tests: [test], ...(modifier ? { modifier } : {}) };
};

async function finds(condition: Condition, id: string): Promise<boolean> {
  const found = await house.find(condition.parameter.of, probe(condition, await house.vaults()));
  return found.has(id);
}

const named = (text: string): Condition => asked('Patient.name', { kind: 'string', text });
const coded = (code: string): Condition => asked('Observation.code', { kind: 'token', system: 'urn:c', code });

const patient = (family: string): JsonObject => ({ resourceType: 'Patient', name: [{ family }] });
const observation = (code: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'urn:c', code }] },
  ...more,
});

const tokensOf = async (id: string): Promise<number> => {
  const row = (await house.vaults()).identity.pseudonym(id);
  const rows = await house.sql('identity', 'select token from records.token where row = $1', [row]);
  return rows.length;
};

const rowsOf = async (id: string): Promise<Record<string, unknown>[]> =>
  house.sql('clinical', 'select s.* from records.search s join records.resource r using (seq) where r.id = $1', [id]);

test('an update is found by what it says and not by what it said; its number stays', async () => {
  const id = await house.write(observation('one'));
  const [before] = await rowsOf(id);
  await house.write(observation('two'), id, 1);
  assert.equal(await finds(coded('one'), id), false);
  assert.equal(await finds(coded('two'), id), true);
  const [now, ...more] = await rowsOf(id);
  assert.equal(more.length, 0);
  assert.equal(now?.['seq'], before?.['seq']);
});

test('a deleted resource has no index rows and no tokens; brought back, it has them again', async () => {
  const id = await house.write(patient('Grimstad'));
  assert.ok((await tokensOf(id)) > 0);
  await house.remove('Patient', id, 1);
  await house.stale.flush();
  assert.deepEqual(await rowsOf(id), []);
  assert.equal(await tokensOf(id), 0);
  await house.write(patient('Grimstad'), id, 2);
  assert.equal(await finds(named('grim'), id), true);
});

test('several values of one column take further rows, found by each', async () => {
  const coding = ['a', 'b', 'c'].map((code) => ({ system: 'urn:c', code }));
  const id = await house.write({ ...observation('a'), code: { coding } });
  for (const { code } of coding) assert.equal(await finds(coded(code), id), true, code);
  assert.equal(await finds(coded('d'), id), false);
  assert.deepEqual((await rowsOf(id)).map((row) => row['row']).sort(), [0, 1, 2]);
});

test('a list of references without end fills columns, not rows', async () => {
  const target = Array.from({ length: 100 }, () => ({ reference: `Observation/${newId()}` }));
  const agent = [{ who: { reference: `Practitioner/${newId()}` } }];
  const id = await house.write({ resourceType: 'Provenance', recorded: '2026-01-01T00:00:00Z', target, agent });
  assert.ok((await rowsOf(id)).length <= 9);
  for (const { reference } of target) {
    const test: Test = { kind: 'reference', types: ['Observation'], id: reference.slice('Observation/'.length) };
    assert.equal(await finds(asked('Provenance.target', test), id), true);
  }
  const other: Test = { kind: 'reference', types: ['Observation'], id: newId() };
  assert.equal(await finds(asked('Provenance.target', other), id), false);
});

test('tokens of the version before go after the commit, and those that still hold stay', async () => {
  const id = await house.write({ ...patient('Lindqvist'), telecom: [{ system: 'phone', value: '5550100' }] });
  const before = await tokensOf(id);
  await house.write({ ...patient('Oyelaran'), telecom: [{ system: 'phone', value: '5550100' }] }, id, 1);
  assert.equal(await finds(named('lind'), id), true, 'until then they cost a look');
  await house.stale.flush();
  assert.equal(await finds(named('lind'), id), false);
  assert.equal(await finds(named('oyel'), id), true);
  assert.equal(await finds(asked('Patient.phone', { kind: 'token', code: '5550100' }), id), true);
  assert.equal(await tokensOf(id), before);
});

/** A clinical segment that fails when it is asked to write. */
const broken = (segment: Segment): Segment => ({
  ...segment,
  name: segment.name,
  query: (some, statement, values) =>
    statement.name === 'records-put' ? Promise.reject(new Error('down')) : segment.query(some, statement, values),
  transaction: (some, work) => segment.transaction(some, work),
});

test('a crash before the clinical commit loses no token; the sweep takes the new ones', async () => {
  const id = await house.write(patient('Halvorsen'));
  const writer = house.writerOn(house.segments.identity, broken(house.segments.clinical));
  const write = { type: 'Patient', id, expected: 1, at: house.clock.now(), resource: patient('Zachary') };
  await assert.rejects(writer.one(tenant, write, { id: newId() } as never), /down/);
  await house.stale.flush();
  assert.equal(await finds(named('halv'), id), true, 'the version that is current is found');
  assert.equal(await finds(named('zach'), id), true, 'and the one that never was: the opened resource says no');
  assert.equal(await house.sweep(), 0, 'a write of this hour may be under way');
  house.clock.at += 3 * 3_600_000;
  assert.equal(await house.sweep(), 1, 'its identity part');
  assert.equal(await finds(named('halv'), id), true);
  assert.equal(await finds(named('zach'), id), false);
  assert.deepEqual(await house.sql('identity', 'select * from records.stale'), []);
});

test('a crash after the clinical commit leaves old tokens noted; the sweep takes them', async () => {
  const id = await house.write(patient('Underwood'));
  const silent = { settle() {} };
  const { createWriter } = await import('../storage/write.ts');
  const ledger = { state: () => ({ serving: true }) as never, sealIntent: async () => Buffer.from('x') };
  const writer = createWriter({ ...house.segments, seal: house.seal, ledger, stale: silent });
  const write = { type: 'Patient', id, expected: 1, at: house.clock.now(), resource: patient('Vasquez') };
  assert.equal(await writer.one(tenant, write, { id: newId() } as never), true);
  assert.equal(await finds(named('unde'), id), true);
  house.clock.at += 3 * 3_600_000;
  await house.sweep();
  assert.equal(await finds(named('unde'), id), false);
  assert.equal(await finds(named('vasq'), id), true);
});

test('what cleans up after one version does not take the tokens of the next', async () => {
  const id = await house.write(patient('First'));
  await house.write(patient('Second'), id, 1);
  // The third version's identity half is there, its clinical half not yet, when the clean-up of the second runs.
  const batch = await house.writer.seal(
    tenant,
    [{ type: 'Patient', id, expected: 2, at: house.clock.now(), resource: patient('First') }],
    { id: newId() } as never,
  );
  await house.segments.clinical.transaction(tenant, async (connection) => {
    await house.writer.put(tenant, batch, connection);
    await house.stale.flush();
  });
  house.writer.settled(tenant, batch);
  assert.equal(await finds(named('first'), id), true);
  await house.stale.flush();
  assert.equal(await finds(named('first'), id), true);
  assert.equal(await finds(named('seco'), id), false);
});

test('a write that meets another version indexes nothing', async () => {
  const id = await house.write(observation('kept'));
  await assert.rejects(house.write(observation('lost'), id, 7), /not written/);
  assert.equal(await finds(coded('kept'), id), true);
  assert.equal(await finds(coded('lost'), id), false);
  assert.equal((await rowsOf(id)).length, 1);
});

test('of a destroyed patient nothing is found, of another everything', async () => {
  const gone = await house.write(patient('Marchetti'));
  const kept = await house.write(patient('Marchetti'));
  const of = (id: string): JsonObject => observation('destroyed', { subject: { reference: `Patient/${id}` } });
  const [fact, other] = [await house.write(of(gone)), await house.write(of(kept))];
  await house.destroy(gone);
  assert.equal(await finds(named('march'), gone), false);
  assert.equal(await finds(coded('destroyed'), fact), false);
  assert.deepEqual([...(await rowsOf(fact)), ...(await rowsOf(gone))], []);
  assert.equal(await tokensOf(gone), 0);
  assert.equal(await finds(named('march'), kept), true);
  assert.equal(await finds(coded('destroyed'), other), true);
});

const canaries = [
  'Canarysson',
  'canarysson',
  'CANARY-7',
  '5550199',
  '1951-03-04',
  'Canaryville',
  'urn:canary',
  'cancode',
];

test('no table holds a value in clear, whatever is searched by', async () => {
  const subject = await house.write({
    ...patient('Canarysson'),
    identifier: [{ system: 'urn:canary', value: 'CANARY-7' }],
    telecom: [{ value: '5550199' }],
    birthDate: '1951-03-04',
    address: [{ city: 'Canaryville' }],
  });
  await house.write(observation('cancode', { subject: { reference: `Patient/${subject}` } }));
  const dump = async (segment: 'identity' | 'clinical'): Promise<string> => {
    const tables = await house.sql(segment, "select tablename as name from pg_tables where schemaname = 'records'");
    const texts = tables.map(({ name }) => house.sql(segment, `select t::text as row from records.${name} t`));
    return (await Promise.all(texts))
      .flat()
      .map(({ row }) => row)
      .join('\n');
  };
  const all = `${await dump('identity')}\n${await dump('clinical')}`;
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  for (const canary of canaries) {
    assert.ok(!all.includes(canary), canary);
    assert.ok(!all.includes(hex(canary)), `${canary} in hexadecimal`);
  }
  assert.ok(all.includes(subject), 'negative control: the dump shows what is in clear');
  const pseudonym = (await house.vaults()).identity.pseudonym(subject);
  assert.ok(!(await dump('identity')).includes(subject), 'the identity segment knows no id');
  assert.ok(!(await dump('clinical')).includes(pseudonym), 'the clinical segment knows no pseudonym');
});

test('another tenant sees no index row, and without the policy it would', async () => {
  await house.write(observation('walled', { valueQuantity: { value: 1 }, effectiveDateTime: '2026-01-01' }));
  for (const table of ['search', 'ordered', 'reindex']) {
    const text = `select count(*) as n from records.${table}`;
    const seen = async (who: number): Promise<number> =>
      (await house.segments.clinical.query<{ n: number }>(who, { name: `test-wall-${table}`, text }))[0]?.n ?? -1;
    await house.sql(
      'clinical',
      `insert into records.reindex values (${tenant}, 1, 0, 0, 0, now(), now()) on conflict do nothing`,
    );
    assert.ok((await seen(tenant)) > 0);
    assert.equal(await seen(2), 0);
    await house.sql('clinical', `alter table records.${table} disable row level security`);
    assert.ok((await seen(2)) > 0, 'negative control: it is the policy that hid them');
    await house.sql('clinical', `alter table records.${table} enable row level security`);
  }
});
