import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isFault, type JsonObject, newId } from '@safeguard/kernel';
import { type Bundle, idsOf, linkOf, ofType, openSearchHouse } from './search-house.ts';

const house = await openSearchHouse();
after(() => house.close());

const patient = await house.create({ resourceType: 'Patient', name: [{ family: 'Quartermain' }], gender: 'male' });
const other = await house.create({ resourceType: 'Patient', name: [{ family: 'Someone' }], gender: 'male' });
const observation = (of: string, code: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://s', code }] },
  subject: { reference: `Patient/${of}` },
  ...more,
});
const tagged = { meta: { tag: [{ system: 'http://t', code: 'x' }] } };
const pulse = await house.create(observation(patient, 'pulse', tagged));
const text = {
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Hello <b>wide</b> world</div>' },
};
const told = await house.create(observation(patient, 'told', text));
await house.create(observation(other, 'told', text));
const encounter = await house.create({
  resourceType: 'Encounter',
  status: 'finished',
  class: { code: 'AMB' },
  subject: { reference: `Patient/${patient}` },
  ...tagged,
});
const organization = await house.create({ resourceType: 'Organization', name: 'Clinic', ...tagged });

const sorted = (page: Bundle): string[] => idsOf(page).sort();

test('a compartment holds what names the patient, by type or all of it', async () => {
  const of = { kind: 'compartment' as const, patient };
  assert.deepEqual(idsOf(await house.search({ ...of, type: 'Observation' }, '')), [pulse, told]);
  assert.deepEqual(idsOf(await house.search({ ...of, type: 'Observation' }, 'code=pulse')), [pulse]);
  assert.deepEqual(sorted(await house.search(of, '')), [patient, pulse, told, encounter].sort());
  assert.deepEqual(sorted(await house.search(of, '_tag=http://t|x')), [pulse, encounter].sort());
});

test('a system search goes over every type, or those of _type, and pages over all of them', async () => {
  const system = { kind: 'system' as const };
  assert.deepEqual(sorted(await house.search(system, '_tag=http://t|x')), [pulse, encounter, organization].sort());
  const pages = await house.walk(system, '_tag=x&_count=1&_total=accurate');
  assert.deepEqual(pages.flatMap((page) => idsOf(page)).sort(), [pulse, encounter, organization].sort());
  assert.ok(pages.every(({ total }) => total === 3));
  assert.deepEqual(
    sorted(await house.search(system, '_type=Patient,Organization')),
    [patient, other, organization].sort(),
  );
  const byTime = await house.search(system, '_type=Observation,Encounter&_sort=-_id&_count=100');
  assert.deepEqual(idsOf(byTime), sorted(byTime).reverse());
});

test('_text and _content search within one patient, and are refused elsewhere', async () => {
  const within = `patient=${patient}`;
  assert.deepEqual(idsOf(await house.search(ofType('Observation'), `${within}&_text=WORLD hello`)), [told]);
  assert.deepEqual(idsOf(await house.search(ofType('Observation'), `${within}&_text=absent`)), []);
  assert.deepEqual(idsOf(await house.search({ kind: 'compartment', patient, type: 'Observation' }, '_content=told')), [
    told,
  ]);
  await assert.rejects(house.search(ofType('Observation'), '_text=world'), { kind: 'invalid' });
});

test('links carry nothing of the query, open for their own search only, and stand alone', async () => {
  const page = await house.search(ofType('Patient'), 'gender=male&name=Quartermain,Someone&_count=1');
  for (const { url } of page.link) assert.doesNotMatch(url, /male|Quarter|name|count/);
  const next = linkOf(page, 'next') ?? '';
  const second = await house.search(ofType('Patient'), next);
  assert.deepEqual([...idsOf(page), ...idsOf(second)].sort(), [patient, other].sort());
  assert.deepEqual(idsOf(await house.search(ofType('Patient'), linkOf(second, 'previous') ?? '')), idsOf(page));
  assert.deepEqual(idsOf(await house.search(ofType('Patient'), linkOf(second, 'first') ?? '')), idsOf(page));
  assert.deepEqual(idsOf(await house.search(ofType('Patient'), linkOf(page, 'self') ?? '')), idsOf(page));
  await assert.rejects(house.search(ofType('Observation'), next), { kind: 'invalid' });
  await assert.rejects(house.search(ofType('Patient'), `${next}&gender=female`), { kind: 'invalid' });
});

test('pages stay whole under writes: what is created later does not appear, what is updated stays', async () => {
  const created = [];
  for (let n = 0; n < 9; n += 1) created.push(await house.create(observation(other, 'stable')));
  const first = await house.search(ofType('Observation'), 'code=stable&_count=3');
  const seen = idsOf(first);
  let next = linkOf(first, 'next');
  while (next !== undefined) {
    await house.create(observation(other, 'stable'));
    const id = created[seen.length % created.length] ?? '';
    const version = (await house.store.sql('clinical', 'select version from records.resource where id = $1', [id]))[0];
    await house.write([
      {
        type: 'Observation',
        id,
        expected: Number(version?.version),
        at: house.clock.at,
        resource: observation(other, 'stable', { status: 'amended' }),
      },
    ]);
    const page = await house.search(ofType('Observation'), next);
    seen.push(...idsOf(page));
    next = linkOf(page, 'next');
  }
  assert.deepEqual(seen, created);
});

test('a day ends after every instant in it: it comes first when dates are sorted downwards', async () => {
  const instants = [];
  for (let n = 10; n < 40; n += 1) {
    instants.push(await house.create(observation(other, 'clock', { effectiveDateTime: `1999-05-05T10:${n}:00Z` })));
  }
  const day = await house.create(observation(other, 'clock', { effectiveDateTime: '1999-05-05' }));
  const down = await house.search(ofType('Observation'), '_sort=-date&_count=3');
  assert.deepEqual(idsOf(down), [day, ...instants.slice(-2).reverse()]);
  const up = await house.search(ofType('Observation'), '_sort=date&_count=3');
  assert.deepEqual(idsOf(up), [day, ...instants.slice(0, 2)]);
});

test('_summary, _elements, _count=0 and what is ignored under lenience', async () => {
  const one = `_id=${pulse}`;
  const [entry] = (await house.search(ofType('Observation'), `${one}&_elements=status`)).entry ?? [];
  assert.equal(entry?.resource.status, 'final');
  assert.equal(entry?.resource.subject, undefined);
  const counted = await house.search(ofType('Observation'), `patient=${patient}&_summary=count`);
  assert.equal(counted.total, 2);
  assert.equal(counted.entry, undefined);
  assert.equal((await house.search(ofType('Observation'), `patient=${patient}&_count=0`)).total, 2);
  await assert.rejects(house.search(ofType('Observation'), 'colour=red'), { kind: 'invalid' });
  const lenient = await house.search(ofType('Observation'), `${one}&colour=red`, {}, true);
  assert.deepEqual(idsOf(lenient), [pulse]);
  assert.deepEqual(
    lenient.entry?.filter(({ search }) => search.mode === 'outcome').map(({ resource }) => resource.resourceType),
    ['OperationOutcome'],
  );
});

test('conditions of writes: any parameter, judged on the caller’s sight, and noticed when they change', async () => {
  const match = async (type: string, condition: string, who = {}): Promise<string[]> => {
    const [found] = await house.finder.match(1, [{ type, condition }], house.principal(who));
    return (found?.rows ?? []).map(({ id }) => id);
  };
  assert.deepEqual(await match('Observation', `patient=${patient}&code=pulse`), [pulse]);
  assert.deepEqual(await match('Patient', 'name=quarter&gender=male'), [patient]);
  assert.deepEqual(await match('Patient', 'name=quarter&gender=female'), []);
  assert.deepEqual(await match('Encounter', 'subject:Patient.name=quarter'), [encounter]);
  assert.deepEqual(await match('Patient', `_id=${other}`, { patient }), []);
  assert.deepEqual(await match('Patient', `_id=${other}`), [other]);
  const males = (await match('Patient', '_filter=name co nobody or gender eq male')).sort();
  assert.deepEqual(males, [patient, other].sort(), 'what SQL alone judges counts beside what is judged opened');
  assert.deepEqual(await match('Patient', '_filter=not (name co quarter and gender eq male)'), [other]);
  await assert.rejects(match('Patient', ''), { kind: 'stale' });
  await assert.rejects(match('Patient', 'colour=red'), { kind: 'invalid' });

  const matches = await house.finder.match(
    1,
    [
      { type: 'Observation', condition: `patient=${patient}&code=new` },
      { type: 'Patient', condition: 'identifier=http://i|1' },
    ],
    house.principal(),
  );
  const unchanged = (): Promise<boolean> =>
    house.clinical.transaction(1, (connection) => house.finder.unchanged(1, matches, connection));
  assert.equal(await unchanged(), true);
  await house.create({ resourceType: 'Patient', identifier: [{ system: 'http://i', value: '1' }] });
  assert.equal(await unchanged(), false);
  const asked = { type: 'Observation', condition: `patient=${patient}&code=new` };
  const again = await house.finder.match(1, [asked], house.principal());
  await house.create(observation(patient, 'new'));
  assert.equal(await house.clinical.transaction(1, (held) => house.finder.unchanged(1, again, held)), false);
});

test('no text of a refusal quotes what was sent', async () => {
  for (const query of [
    'birthdate=Quartermain',
    'Quartermain=1',
    'name:Quartermain=1',
    '_sort=Quartermain',
    '_page=Quartermain',
  ]) {
    const error = await house.search(ofType('Patient'), query).then(
      () => assert.fail('expected a refusal'),
      (refusal: unknown) => refusal,
    );
    assert.ok(isFault(error) && error.kind === 'invalid');
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.issues)}`, /Quartermain/);
  }
});

test('a value is a value, whatever it looks like', async () => {
  for (const value of ['1', "x';drop table records.search;--", '$1', '\\', newId()]) {
    const sent = encodeURIComponent(value);
    for (const query of [
      `code=${sent}`,
      `code:not=${sent}&code=absent`,
      `identifier=${sent}`,
      `subject.name=${sent}`,
    ]) {
      assert.deepEqual(idsOf(await house.search(ofType('Observation'), query)), []);
    }
  }
  assert.equal(idsOf(await house.search(ofType('Organization'), '')).length, 1);
});
