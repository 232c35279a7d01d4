import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const patient = {
  resourceType: 'Patient',
  gender: 'female',
  identifier: [{ value: newId() }],
  name: [{ family: 'Å' }],
};

async function create(body: object = patient) {
  const type = (body as { resourceType: string }).resourceType;
  const answer = await house.call({ action: 'create', params: { type }, body });
  assert.ok(answer.event);
  return { answer, event: answer.event, id: JSON.parse(String(answer.body)).id as string };
}

const count = async (table: string, segment: 'identity' | 'clinical'): Promise<number> => {
  const text = `select count(*) as n from records.${table} where tenant = 1`;
  const [row] = await house.segments[segment].query<{ n: number }>(1, { name: `test-${segment}-${table}`, text });
  return row?.n ?? -1;
};

const entriesOf = async (id: string): Promise<object[]> => {
  const found: object[] = [];
  for await (const event of house.ledger.recent(1, 0)) if ((event as { id: string }).id === id) found.push(event);
  return found;
};

test('a write whose answer was lost is chained once by recover, however often it runs', async () => {
  const { event } = await create();
  // Nobody called `chained`, nothing was appended: as after a crash between the data's commit and the ledger's.
  assert.equal((await entriesOf(event.id)).length, 0);
  assert.equal(await house.records.recover(1, 0), 1);
  assert.equal(await house.records.recover(1, 0), 0);
  const [entry, ...more] = await entriesOf(event.id);
  assert.equal(more.length, 0);
  assert.deepEqual((entry as { targets: unknown }).targets, event.targets);
  assert.equal(await count('intent', 'clinical'), 0);
});

test('what was chained before is not chained again; a refusal under its id does not hide a write', async () => {
  const first = await create();
  await house.ledger.append(1, [first.event]);
  const second = await create();
  await house.ledger.append(1, [{ ...second.event, status: 503, outcome: 'fail', targets: [] }]);
  assert.equal(await house.records.recover(1, 0), 1);
  assert.equal((await entriesOf(first.event.id)).length, 1);
  assert.equal((await entriesOf(second.event.id)).length, 2);
});

test('intents that are settled vanish; young ones are left alone', async () => {
  const { answer, event } = await create();
  assert.equal(await house.records.recover(1, 60_000), 0);
  assert.equal(await count('intent', 'clinical'), 1);
  await house.ledger.append(1, [event]);
  answer.chained?.();
  await house.records.close();
  assert.equal(await count('intent', 'clinical'), 0);
});

test('the sweep removes identity rows that no version names, and no other', async () => {
  const { id } = await create();
  const vault = await house.seal.vault('identity', 1);
  const insert = {
    name: 'test-orphan',
    text: `insert into records.part (tenant, row, edition, key, hour, body)
      select tenant, $1::uuid, edition + 1, key, hour, body from records.part where row = $2::uuid`,
  };
  const before = await count('part', 'identity');
  await house.segments.identity.query(1, insert, [vault.pseudonym(newId()), vault.pseudonym(id)]);
  await house.segments.identity.query(1, insert, [vault.pseudonym(id), vault.pseudonym(id)]);
  assert.equal(await house.records.sweep(1), 0, 'rows of this hour may belong to a write under way');
  house.clock.at += 3 * 3_600_000;
  assert.equal(await house.records.sweep(1), 2);
  assert.equal(await count('part', 'identity'), before);
  const read = await house.call({ action: 'read', params: { type: 'Patient', id } });
  assert.equal(read.status, 200);
  assert.equal(await house.records.sweep(1), 0);
});

test('a failed write leaves nothing: no identity row, no intent, no version', async () => {
  const { id } = await create();
  const before = [
    await count('part', 'identity'),
    await count('intent', 'clinical'),
    await count('resource', 'clinical'),
  ];
  const stale = { action: 'update', params: { type: 'Patient', id }, body: { ...patient, id } };
  await assert.rejects(house.call({ ...stale, headers: { 'if-match': 'W/"9"' } }), { kind: 'stale' });
  const entry = [
    { resource: patient, request: { method: 'POST', url: 'Patient' } },
    { request: { method: 'DELETE', url: `Patient/${newId()}` } },
  ];
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  await assert.rejects(house.call({ action: 'transaction', body: bundle }), { kind: 'missing' });
  const later = [
    await count('part', 'identity'),
    await count('intent', 'clinical'),
    await count('resource', 'clinical'),
  ];
  assert.deepEqual(later, before);
});

const masked = ['without-identity', 'limited', 'deidentified'] as const;

test('a read, search, history and vread ask the identity segment nothing in any view but the full one', async () => {
  const { id } = await create();
  const who = newId();
  const vault = await house.seal.vault('clinical', 1);
  const ask = async (view: 'full' | (typeof masked)[number]): Promise<number> => {
    const own = vault.recipient(`${view}/${who}`).pseudonym(id);
    const told = view === 'limited' || view === 'deidentified' ? own : id;
    const before = house.segments.identity.asked;
    const params = { type: 'Patient', id: told, version: '1' };
    for (const action of ['read', 'vread', 'history-instance', 'everything', 'meta'])
      assert.equal((await house.call({ action, params, view, who })).status, 200);
    const type = { type: 'Patient' };
    const found = await house.call({ action: 'search-type', params: type, query: `_id=${told}`, view, who });
    assert.match(String(found.body), new RegExp(told));
    return house.segments.identity.asked - before;
  };
  for (const view of masked) assert.equal(await ask(view), 0, view);
  assert.ok((await ask('full')) > 0, 'negative control');
});

test('destroyed: keys, identity rows and tokens are gone, and a repeat changes nothing', async () => {
  const { id } = await create({ ...patient, identifier: [{ system: 's', value: newId() }] });
  const row = (await house.seal.vault('identity', 1)).pseudonym(id);
  const counts = async (): Promise<unknown[]> => [
    ...(await house.store.sql('identity', 'select count(*)::int as n from records.token where row = $1', [row])),
    ...(await house.store.sql(
      'clinical',
      'select count(*)::int as n from records.search join records.resource using (seq) where id = $1',
      [id],
    )),
  ];
  assert.deepEqual(
    await counts(),
    [{ n: 2 }, { n: 1 }],
    'the identifier, the beginning of the name; the row of the index',
  );
  const first = await house.records.destroyPatient(1, id);
  assert.ok(first.keys > 0);
  assert.deepEqual(await counts(), [{ n: 0 }, { n: 0 }]);
  await assert.rejects(house.call({ action: 'read', params: { type: 'Patient', id } }), { kind: 'gone' });
  assert.equal((await house.records.destroyPatient(1, id)).keys, 0);
  await assert.rejects(house.records.destroyPatient(1, newId()), { kind: 'missing' });
});

test('row-level security is the second wall: another tenant sees no row, and without the policy it would', async () => {
  await create();
  const statement = { name: 'test-all', text: 'select count(*) as n from records.resource' };
  const seen = async (tenant: number): Promise<number> =>
    (await house.segments.clinical.query<{ n: number }>(tenant, statement))[0]?.n ?? -1;
  assert.ok((await seen(1)) > 0);
  assert.equal(await seen(2), 0);
  await house.store.sql('clinical', 'alter table records.resource disable row level security');
  assert.ok((await seen(2)) > 0, 'negative control: it is the policy that hid them');
  await house.store.sql('clinical', 'alter table records.resource enable row level security');
});
