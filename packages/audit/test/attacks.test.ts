import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { eventsAt } from '../event.ts';
import { idOf, placeOfId } from '../place.ts';
import { ask, fakeAccess, officer, patientUser, resourcesOf, searchAll, service, stranger, tenant } from './callers.ts';
import { client, eventOf, openHouse, person } from './house.ts';

const house = await openHouse();
const routes = house.audit().routes();
const sql = (text: string) => house.store.sql('ledger', text);
const forbidden = { kind: 'forbidden' };

test('a row of the index that was invented or moved adds nothing to an answer', async () => {
  const [mine, theirs] = [newId(), newId()];
  await house.append(eventOf({ patients: [mine] }), eventOf({ patients: [theirs] }));
  assert.equal((await searchAll(routes, officer(), `patient=${mine}`)).length, 1);
  // Every row of somebody else's is now said to be about this patient; and some rows lead nowhere.
  const [known] = await sql(`select token, at, place from audit.about order by place limit 1`);
  await sql(`insert into audit.about (tenant, token, at, place)
    select tenant, ${known?.token}, at, place from audit.about where token <> ${known?.token}`);
  await sql(`insert into audit.about (tenant, token, at, place)
    values (${tenant}, ${known?.token}, 5, 123456789), (${tenant}, ${known?.token}, ${known?.at}, 0)`);
  const found = await searchAll(routes, officer(), `patient=${mine}`);
  assert.equal(found.length, 1);
  assert.ok(JSON.stringify(found).includes(mine) && !JSON.stringify(found).includes(theirs));
  // Control: taken at its word, the index would have shown the other one.
  const proposed = await sql(`select place::int from audit.about where token = ${known?.token} and place < 1000000`);
  const taken = await eventsAt(
    house.ledger,
    tenant,
    proposed.map(({ place }) => Number(place)),
  );
  assert.ok(JSON.stringify(taken).includes(theirs));
  await house.audit().rebuild(tenant);
});

test('nothing in the index can be read but times and numbers', async () => {
  const event = eventOf({
    patients: [newId()],
    action: 'read',
    purpose: 'TREAT',
    targets: [
      { type: 'Observation', id: newId() },
      { type: 'Client', id: newId() },
    ],
  });
  await house.append(event);
  assert.equal((await searchAll(routes, officer(), `patient=${event.patients?.[0]}`)).length, 1);
  const dump = async (): Promise<string> => {
    const tables = await sql(`select table_name as name from information_schema.tables where table_schema = 'audit'`);
    const rows = await Promise.all(tables.map(({ name }) => sql(`select t::text as row from audit.${name} t`)));
    return rows
      .flat()
      .map(({ row }) => String(row))
      .join('\n');
  };
  const words = [event.actor, event.patients?.[0] ?? '', ...event.targets.map(({ id }) => id), event.from, event.id];
  const readable = async () => words.filter((word) => word !== '');
  const inDump = async () => (await readable()).filter((word) => dumped.includes(word));
  let dumped = await dump();
  assert.ok(dumped.length > 0);
  assert.deepEqual(await inDump(), []);
  assert.doesNotMatch(dumped.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, ''), /[a-zA-Z]{4}/);
  // Control: a table that keeps what it should not is found out.
  await sql(`create table audit.plain (patient text)`);
  await sql(`insert into audit.plain values ('${event.patients?.[0]}')`);
  dumped = await dump();
  assert.notDeepEqual(await inDump(), []);
  await sql('drop table audit.plain');
});

test('one tenant reads nothing of another: by search, by id, by the database itself', async () => {
  const patient = newId();
  await house.append(eventOf({ patients: [patient] }), eventOf({ tenant: 8, patients: [newId()] }));
  const [own] = await searchAll(routes, officer(), `patient=${patient}`);
  const abroad = officer({ tenant: 8 });
  assert.deepEqual(await searchAll(routes, abroad, `patient=${patient}`), []);
  await assert.rejects(ask(routes, abroad, { id: own?.id ?? '' }), { kind: 'missing' });
  const count = { name: 'test.count', text: 'select count(*)::int as count from audit.entry where tenant = 7' };
  assert.deepEqual(await house.segments.ledger.query(8, count), [{ count: 0 }]);
  // Control: for its own tenant they are there.
  assert.notDeepEqual(await house.segments.ledger.query(7, count), [{ count: 0 }]);
  assert.equal((await ask(routes, officer(), { id: own?.id ?? '' })).body.id, own?.id);
});

test('a page link of one tenant is none of another’s, and holds nothing that can be read', async () => {
  const patient = newId();
  await house.append(...[1, 2, 3].map(() => eventOf({ patients: [patient] })));
  const { body } = await ask(routes, officer(), { query: `patient=${patient}&_count=1` });
  const link = new URL(body.link.find((one: { relation: string }) => one.relation === 'next').url);
  assert.ok(!link.href.includes(patient));
  assert.ok(!Buffer.from(link.searchParams.get('_page') ?? '', 'base64url').includes(patient));
  await assert.rejects(ask(routes, officer({ tenant: 8 }), { query: link.search }), { kind: 'invalid' });
  await assert.rejects(ask(routes, officer(), { query: `${link.search}&action=R` }), { kind: 'invalid' });
});

test('a page link gives nobody more than their own: it is judged by who follows it', async () => {
  const patient = newId();
  await house.append(...[1, 2, 3].map(() => eventOf({ patients: [patient] })));
  const { body } = await ask(routes, officer(), { query: `patient=${patient}&_count=1` });
  const { search } = new URL(body.link[1].url);
  await assert.rejects(ask(routes, patientUser(newId()), { query: search }), forbidden);
  assert.equal(resourcesOf((await ask(routes, patientUser(patient), { query: search })).body).length, 1);
});

test('who may see whose log', async () => {
  const [mine, theirs] = [newId(), newId()];
  await house.append(eventOf({ patients: [mine] }), eventOf({ patients: [theirs] }));
  const ids = async (who: Parameters<typeof ask>[1], query: string) => (await searchAll(routes, who, query)).length;
  assert.ok((await ids(officer(), '')) >= 2);
  assert.ok((await ids(service(), '')) >= 2);
  assert.equal(await ids(patientUser(mine), ''), 1);
  assert.equal(await ids(patientUser(mine), `patient=${mine}`), 1);
  assert.equal(await ids(patientUser(mine, theirs), ''), 2);
  assert.equal(await ids(service({ patient: mine }), ''), 1);
  for (const [who, query] of [
    [stranger(), ''],
    [stranger(), `patient=${mine}`],
    [patientUser(mine), `patient=${theirs}`],
    [patientUser(mine), `patient=${mine},${theirs}`],
    [service({ patient: mine }), `patient=${theirs}`],
    [service({ scopes: ['system/Patient.rs'] }), ''],
    [officer({ view: 'deidentified' }), ''],
    [patientUser(), ''],
  ] as const) {
    await assert.rejects(ask(routes, who, { query }), forbidden, query);
  }
  const [other] = await searchAll(routes, officer(), `patient=${theirs}`);
  await assert.rejects(ask(routes, patientUser(mine), { id: other?.id ?? '' }), { kind: 'missing' });
  assert.equal((await ask(routes, patientUser(theirs), { id: other?.id ?? '' })).body.id, other?.id);
});

test('a consent that keeps a patient from a client keeps what is about them; labels hide nothing', async () => {
  const [open_, closed] = [newId(), newId()];
  await house.append(
    eventOf({ patients: [open_] }),
    eventOf({ patients: [closed] }),
    eventOf({ patients: [open_, closed] }),
  );
  const visible = () => [{ except: [{ patients: [closed] }, { labels: ['a|b'] }] }];
  const limited = house.audit({ access: { ...fakeAccess, visible } }).routes();
  const ids = `patient=${open_},${closed}`;
  assert.equal((await searchAll(limited, service(), ids)).length, 1);
  // Control: without it, all three.
  assert.equal((await searchAll(routes, service(), ids)).length, 3);
});

test('a person reads the log by the policy, never by scopes alone', async () => {
  const visible = (): 'all' => 'all';
  const open_ = house.audit({ access: { ...fakeAccess, visible } }).routes();
  await assert.rejects(ask(open_, stranger(), {}), forbidden);
  const held = { ...stranger(), standing: { kind: 'standing' } as const };
  assert.ok(resourcesOf((await ask(open_, held, {})).body).length > 0);
});

test('the question itself names whom it was about, permitted or denied', async () => {
  const patient = newId();
  await house.append(eventOf({ patients: [patient] }));
  const { answer, told } = await ask(routes, officer(), { query: `patient=Patient/${patient}&action=R` });
  assert.deepEqual(answer.patients, [patient]);
  assert.deepEqual(told.found, { asked: 'AuditEvent?action&patient' });
  assert.deepEqual(told.about, [{ type: 'Patient', id: patient }]);
});

test('what others do shows in nothing that a patient is answered', async () => {
  const mine = newId();
  house.people.persons.push(person());
  house.people.clients.push(client());
  await house.append(...[1, 2, 3, 4].map((at) => eventOf({ patients: [mine], at: 1_700_000_000_000 + at })));
  const me = patientUser(mine);
  const questions = ['', '_count=2', `patient=${mine}`, 'action=R', 'outcome=4', `agent=${newId()}`, 'entity=Group/x'];
  /** The texts of all answers, without the random bytes of sealed links; their lengths stay. */
  const answers = async (): Promise<string[]> => {
    const asked = [];
    for (const query of questions) {
      const { answer } = await ask(routes, me, { query });
      asked.push(String(answer.body).replace(/_page=([\w-]+)/g, (_, page) => `_page=${String(page).length}`));
    }
    return asked;
  };
  const before = await answers();
  const theirs = newId();
  await house.append(...Array.from({ length: 300 }, () => eventOf({ patients: [theirs], action: 'read' })));
  assert.deepEqual(await answers(), before);
  // Control: an officer's answers do change.
  const all = await searchAll(routes, officer(), '_count=200');
  assert.ok(all.length >= 300);
});

test('an id is a place under a key: invented ones, and those of others, lead nowhere', async () => {
  const keys = await house.seal.vault('ledger', tenant);
  const place = { shard: 3, index: 2 ** 33 };
  assert.deepEqual(placeOfId(keys, idOf(keys, place)), { place, form: 'event' });
  assert.deepEqual(placeOfId(keys, idOf(keys, place, 'disclosure')), { place, form: 'disclosure' });
  for (const id of [newId(), newId(), 'x', '0-1']) {
    assert.equal(placeOfId(keys, id), undefined);
    await assert.rejects(ask(routes, officer(), { id }), { kind: 'missing' });
  }
  // Control: next to each other in the log, nothing of the sort in the ids.
  const [one, two] = [1, 2].map((index) => idOf(keys, { shard: 0, index }));
  assert.notEqual(one?.slice(0, 18), two?.slice(0, 18));
});

test('unknown parameters, forms and modifiers are refused, and nothing that was sent is repeated', async () => {
  const bad = ['name=Archer', 'patient:identifier=x', 'patient=Archer', 'date=yesterday', 'date=ap2026', '_sort=agent'];
  for (const query of [
    ...bad,
    'entity=Archer',
    'patient=a&patient=b',
    '_count=-1',
    'action=',
    '_page=abc',
    '_include=*',
  ]) {
    await assert.rejects(ask(routes, officer(), { query }), (error: Error & { kind?: string }) => {
      assert.equal(error.kind, 'invalid', query);
      assert.doesNotMatch(error.message, /Archer|yesterday/);
      return true;
    });
  }
});
