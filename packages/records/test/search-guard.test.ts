import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import { type Bundle, idsOf, ofType, openSearchHouse } from './search-house.ts';

type House = Awaited<ReturnType<typeof openSearchHouse>>;

interface World {
  readonly house: House;
  readonly mine: string;
  readonly other: string;
  readonly observation: string;
  readonly shared: string;
}

const observation = (patient: string, code: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://s', code }] },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

/** Two patients of one organization and one practitioner; the caller is limited to the first. */
async function build(unguarded: boolean): Promise<World> {
  const house = await openSearchHouse({ unguarded });
  const organization = await house.create({ resourceType: 'Organization', name: 'Clinic' });
  const practitioner = await house.create({ resourceType: 'Practitioner', name: [{ family: 'Doe' }] });
  const managed = { managingOrganization: { reference: `Organization/${organization}` } };
  const mine = await house.create({
    resourceType: 'Patient',
    name: [{ family: 'Mine' }],
    gender: 'female',
    ...managed,
  });
  const other = await house.create({
    resourceType: 'Patient',
    name: [{ family: 'Other' }],
    gender: 'male',
    identifier: [{ system: 'http://i', value: 'secret' }],
    ...managed,
    link: [{ other: { reference: `Patient/${mine}` }, type: 'seealso' }],
  });
  const performer = { performer: [{ reference: `Practitioner/${practitioner}` }] };
  const hidden = await house.create(observation(other, 'hiv', performer));
  const own = await house.create(
    observation(mine, 'pulse', { ...performer, hasMember: [{ reference: `Observation/${hidden}` }] }),
  );
  return { house, mine, other, observation: own, shared: practitioner };
}

/** What a caller who is limited to one patient could learn of another; each must come out empty. */
const attacks: Readonly<Record<string, (world: World) => readonly [string, string]>> = {
  'the other patient by id': ({ other }) => ['Patient', `_id=${other}`],
  'the other patient by a name': () => ['Patient', 'name=Other'],
  'the other patient by an identifier': () => ['Patient', 'identifier=http://i|secret'],
  'all there is of the other': ({ other }) => ['Observation', `patient=${other}`],
  'a chain to what is hidden': () => ['Observation', 'has-member:Observation.code=hiv'],
  'a chain through what is hidden': () => ['Observation', 'has-member:Observation.subject:Patient.name=Other'],
  '_has of what is hidden': () => ['Practitioner', '_has:Observation:performer:code=hiv'],
  '_has through two steps': () => ['Organization', '_has:Patient:organization:_has:Observation:patient:code=hiv'],
  '_has by an identity parameter': () => ['Organization', '_has:Patient:organization:name=Other'],
  '_has back to the caller': ({ mine }) => ['Patient', `_has:Patient:link:name=Other&_id=${mine}`],
  '_filter by a chain': () => ['Observation', '_filter=has-member.code eq hiv'],
};

/** What the answer holds beside its matches: totals, includes, pages, order. */
const leaks: Readonly<Record<string, (world: World) => Promise<boolean>>> = {
  '_total counts only what is seen': async ({ house, mine }) =>
    (await house.search(ofType('Observation'), '_total=accurate&_summary=count', { patient: mine })).total !== 1,
  '_total with nothing found': async ({ house, mine, other }) =>
    (await house.search(ofType('Patient'), `_id=${other}&_total=accurate`, { patient: mine })).total !== 0,
  '_include follows to nothing hidden': async ({ house, mine }) =>
    includes(await house.search(ofType('Observation'), 'code=pulse&_include=*', { patient: mine }), 'Observation'),
  '_revinclude brings nothing hidden': async ({ house, mine, other }) =>
    includes(
      await house.search(ofType('Practitioner'), '_revinclude=Observation:performer', { patient: mine }),
      'Observation',
      other,
    ),
  '_revinclude=* neither': async ({ house, mine, other }) =>
    includes(await house.search(ofType('Organization'), '_revinclude=*', { patient: mine }), 'Patient', other),
  ':iterate neither': async ({ house, mine, other }) =>
    includes(
      await house.search(ofType('Practitioner'), '_revinclude=Observation:performer&_include:iterate=*', {
        patient: mine,
      }),
      'Patient',
      other,
    ),
  '_sort puts nothing hidden first': async ({ house, mine }) =>
    idsOf(await house.search(ofType('Patient'), '_sort=-name&_count=1', { patient: mine }))[0] !== mine,
  'a page does not end where something hidden is': async ({ house, mine }) =>
    (await house.search(ofType('Observation'), '_count=1', { patient: mine })).link.some(
      (one) => one.relation === 'next',
    ),
  'a system search': async ({ house, mine, other }) =>
    mentions(await house.search({ kind: 'system' }, '_count=100', { patient: mine }), other),
  'the compartment of the other': async ({ house, mine, other }) =>
    (await house.search({ kind: 'compartment', patient: other }, '', { patient: mine })).entry !== undefined,
};

const mentions = (bundle: Bundle, id: string): boolean =>
  (bundle.entry ?? []).some(({ resource }) => resource.id === id || JSON.stringify(resource).includes(`Patient/${id}`));

function includes(bundle: Bundle, type: string, of?: string): boolean {
  const included = (bundle.entry ?? []).filter(({ search }) => search.mode === 'include');
  return included.some(
    ({ resource }) =>
      resource.resourceType === type &&
      (of === undefined || resource.id === of || JSON.stringify(resource).includes(`Patient/${of}`)),
  );
}

describe('a caller limited to one patient', () => {
  let world: World;
  let broken: World;
  before(async () => {
    world = await build(false);
    broken = await build(true);
  });
  after(async () => {
    await world.house.close();
    await broken.house.close();
  });

  for (const [name, attack] of Object.entries(attacks)) {
    test(`learns nothing by ${name}; without the guard they would`, async () => {
      const [type, query] = attack(world);
      const page = await world.house.search(ofType(type), query, { patient: world.mine });
      assert.deepEqual(idsOf(page), []);
      const [sameType, same] = attack(broken);
      const open = await broken.house.search(ofType(sameType), same, { patient: broken.mine });
      assert.equal(idsOf(open).length, 1, 'the attack finds nothing even where it should: it proves nothing');
    });
  }

  for (const [name, leak] of Object.entries(leaks)) {
    test(`${name}; without the guard it would`, async () => {
      assert.equal(await leak(world), false);
      assert.equal(await leak(broken), true, 'the leak is not there even without the guard: it proves nothing');
    });
  }

  test('sees their own, and what is shared and names no patient', async () => {
    const own = await world.house.search(ofType('Observation'), '', { patient: world.mine });
    assert.deepEqual(idsOf(own), [world.observation]);
    const shared = await world.house.search(ofType('Practitioner'), 'name=doe', { patient: world.mine });
    assert.deepEqual(idsOf(shared), [world.shared]);
  });

  test('follows no chain into a type that no scope permits', async () => {
    const scopes = { scopes: ['system/Observation.rs'] };
    const query = 'subject:Patient.gender=female';
    assert.deepEqual(idsOf(await world.house.search(ofType('Observation'), query, scopes)), []);
    assert.equal(idsOf(await world.house.search(ofType('Observation'), query)).length, 1);
    const included = await world.house.search(ofType('Observation'), '_include=Observation:subject', scopes);
    assert.deepEqual(idsOf(included, 'include'), []);
    await assert.rejects(world.house.search(ofType('Patient'), '', scopes), { kind: 'forbidden' });
    await assert.rejects(world.house.search({ kind: 'system' }, '_type=Patient', scopes), { kind: 'forbidden' });
  });
});

describe('a view without identity', () => {
  let world: World;
  before(async () => {
    world = await build(false);
  });
  after(() => world.house.close());

  const refused: readonly (readonly [string, string])[] = [
    ['Patient', 'name=a'],
    ['Patient', 'name:missing=true'],
    ['Patient', 'identifier=http://i|secret'],
    ['Patient', 'birthdate=1980'],
    ['Patient', '_sort=name'],
    ['Patient', '_filter=name eq a'],
    ['Observation', 'subject:Patient.name=a'],
    ['Observation', 'identifier=a'],
    ['Observation', 'code:text=a'],
    ['Organization', '_has:Patient:organization:birthdate=1980'],
  ];
  for (const [type, query] of refused) {
    test(`is refused ${type}?${query.split('=')[0]}`, async () => {
      for (const view of ['without-identity', 'limited', 'deidentified'] as const) {
        await assert.rejects(world.house.search(ofType(type), query, { view }), { kind: 'forbidden' }, view);
      }
    });
  }

  test('searches what is clinical, and asks the identity segment nothing', async () => {
    const { house } = world;
    const who = { view: 'without-identity' as const };
    const asked = house.identity.asked;
    const query = 'code=pulse&subject:Patient.gender=female&_include=*&_revinclude=*&_total=accurate';
    const page = await house.search(ofType('Observation'), query, who);
    assert.deepEqual(idsOf(page), [world.observation]);
    assert.ok(idsOf(page, 'include').length >= 2);
    assert.equal((await house.search(ofType('Patient'), '_sort=gender,-_lastUpdated', who)).entry?.length, 2);
    assert.equal(house.identity.asked, asked, 'the identity segment was asked');
    await house.search(ofType('Observation'), query);
    assert.ok(house.identity.asked > asked, 'the counter counts nothing');
  });
});
