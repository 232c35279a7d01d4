import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Access, createAccess, sharedTypes } from '@safeguard/access';
import { compartmentPatients, resourceTypes } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fold, isFault, type JsonObject } from '@safeguard/kernel';
import type { Call } from '../call.ts';
import { scopeParameters } from '../search/criteria.ts';
import { requireWritable, seen } from '../verbs/sight.ts';
import { idsOf, ofType, openSearchHouse } from './search-house.ts';
import type { Known } from './search-oracle.ts';
import { createDice, createWorld } from './search-small-world.ts';

/**
 * Random scopes, principals and resources: what SQL shows, what opened resources are judged by, and what may be written
 * must be what a reading of the scopes by hand says. The conditions are said by hand too.
 */

const seed = Number(process.argv[2] ?? 5);
const rounds = Number(process.argv[3] ?? 300);
const dice = createDice(seed);
const house = await openSearchHouse(seed % 2 === 0 ? { few: 0 } : {});
after(() => house.close());
const world = createWorld(dice, 80);
await house.write(world.map(({ type, id, at, resource }) => ({ type, id, expected: 0, at, resource })));

interface Restriction {
  readonly query: string;
  readonly holds: (resource: JsonObject) => boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: the test's own resources, read by hand
type Any = any;
const has = (query: string, holds: (resource: Any) => boolean): Restriction => ({ query, holds });
const first = (type: string): string => world.find((one) => one.type === type)?.id ?? '';
const whole = has('', () => true);
const tag = (code: string): Restriction =>
  has(`_tag=http://tag|${code}`, ({ meta }) => meta?.tag?.some((one: Any) => one.code === code) ?? false);
const both = (one: Restriction, other: Restriction): Restriction =>
  has(`${one.query}&${other.query}`, (resource) => one.holds(resource) && other.holds(resource));
const codes = (resource: Any): string[] => (resource.code?.coding ?? []).map((one: Any) => one.code);

const restrictions: Readonly<Record<string, readonly Restriction[]>> = {
  '*': [whole, whole, tag('a'), tag('b'), has('_tag=a,c', (one) => tag('a').holds(one) || tag('c').holds(one))],
  Patient: [
    whole,
    has('gender=female', ({ gender }) => gender === 'female'),
    has('birthdate=ge1985', ({ birthDate }) => birthDate === '1990'),
    has('family=ab', ({ name }) => fold(name?.[0]?.family ?? '').startsWith('ab')),
    has('identifier=http://i|a', ({ identifier }) => identifier?.[0]?.value === 'a'),
    has(`_id=${first('Patient')}`, ({ id }) => id === first('Patient')),
    both(
      tag('a'),
      has('gender=male', ({ gender }) => gender === 'male'),
    ),
  ],
  Observation: [
    whole,
    has('status=final', ({ status }) => status === 'final'),
    has('code=a,b', (one) => codes(one).some((code) => code === 'a' || code === 'b')),
    both(
      has('code=c', (one) => codes(one).includes('c')),
      has('status=amended', ({ status }) => status === 'amended'),
    ),
    has(`subject=Patient/${first('Patient')}`, ({ subject }) => subject?.reference === `Patient/${first('Patient')}`),
    has('date=lt2020-01-02', ({ effectiveDateTime: at }) => at === '2020-01-01' || at === '2020-01-01T10:00:00Z'),
    has('value-quantity=gt4||mg', ({ valueQuantity: v }) => v?.unit === 'mg' && Number(v.value) > 4),
  ],
  Organization: [
    whole,
    has('name=ber', ({ name }) => fold(name).startsWith('ber')),
    has('active=true', (one) => one.active === true),
  ],
  Encounter: [whole, has('status=planned', ({ status }) => status === 'planned')],
};
const types = Object.keys(restrictions).filter((type) => type !== '*');

interface Granted extends Restriction {
  readonly scope: string;
  readonly level: string;
  readonly type: string;
  readonly letters: string;
}

function randomScope(): Granted {
  const level = dice.pick(['system', 'user', 'user', 'patient']);
  const type = dice.pick([...types, ...types, '*']);
  const restriction = dice.pick(restrictions[type] ?? [whole]);
  const letters = dice.pick(['rs', 'r', 's', 'cruds', 'cu', 'c', 'u', 'd']);
  const query = restriction.query === '' ? '' : `?${restriction.query}`;
  return { ...restriction, scope: `${level}/${type}.${letters}${query}`, level, type, letters };
}

const patients = world.filter(({ type }) => type === 'Patient').map(({ id }) => id);

function randomPrincipal(scopes: readonly string[]): Principal {
  const kind = dice.pick(['client', 'user', 'user'] as const);
  const patient = dice.maybe(40) ? { patient: dice.pick(patients) } : {};
  const within = dice.maybe(40)
    ? { within: [dice.pick(patients), dice.pick(patients)].slice(0, 1 + dice.roll(2)) }
    : {};
  return house.principal({
    ...{ kind, scopes: Object.freeze([...scopes]), ...patient },
    ...(kind === 'user' ? { ...within, assurance: { level: 2, at: 0, methods: [] } } : {}),
  });
}

/** By hand: whether one granted scope lets the principal do this to the resource. */
function allows(granted: Granted, principal: Principal, letter: string, one: Known, writing: boolean): boolean {
  const { kind, patient, within } = principal;
  if (granted.level !== 'system' ? kind !== 'user' : kind !== 'client') return false;
  if (!granted.letters.includes(letter) || (granted.type !== '*' && granted.type !== one.type)) return false;
  if (granted.level === 'patient' && (patient === undefined || within?.includes(patient) === false)) return false;
  if (!granted.holds(one.resource)) return false;
  const limit = granted.level === 'user' || patient === undefined ? within : [patient];
  if (limit === undefined) return true;
  const of = compartmentPatients(one.resource);
  if (writing) return of.length > 0 && of.every((each) => limit.includes(each));
  return of.length === 0 ? sharedTypes.has(one.type) : of.some((each) => limit.includes(each));
}

const may = (all: readonly Granted[], principal: Principal, letter: string, one: Known, writing = false): boolean =>
  all.some((granted) => allows(granted, principal, letter, one, writing));

const rows = await house.shelf.reader.currents(
  1,
  world.map(({ id }) => id),
);

const tally = { shown: 0, hidden: 0, written: 0, refused: 0 };

/** Says where the house and the hand differ. */
async function compare(visible: Access['visible']): Promise<string | undefined> {
  const all = Array.from({ length: 1 + dice.roll(4) }, randomScope);
  const principal = randomPrincipal(all.map(({ scope }) => scope));
  const shelf = { ...house.shelf, access: { visible, sharedTypes } };
  const what = JSON.stringify({ ...principal, id: undefined });
  const type = dice.pick(types);
  const mine = world.filter((one) => one.type === type);
  const call = { principal } as Call;

  const read = mine.filter((one) => may(all, principal, 'r', one)).map(({ id }) => id);
  const own = rows.filter(({ id }) => mine.some((one) => one.id === id));
  const got = (await seen(shelf, call, 'read', own)).map(({ id }) => id);
  if (got.sort().join() !== read.sort().join()) return `read ${type} ${what}`;

  const found = mine.filter((one) => may(all, principal, 's', one)).map(({ id }) => id);
  const answer = await house.search(ofType(type), '_count=100&_total=accurate', principal).catch((error: unknown) => {
    if (isFault(error) && error.kind === 'forbidden') return undefined;
    throw error;
  });
  const listed = answer === undefined ? [] : idsOf(answer);
  if (listed.sort().join() !== found.sort().join()) return `search ${type} ${what}`;
  if (answer !== undefined && answer.total !== found.length) return `total ${type} ${what}`;
  tally.shown += found.length;
  tally.hidden += mine.length - found.length;

  for (const one of mine) {
    if ((await writable(shelf, call, one)) !== may(all, principal, 'u', one, true))
      return `update ${type}/${one.id} ${what}`;
  }
  return undefined;
}

/** Whether the house lets it be written. */
async function writable(shelf: typeof house.shelf, call: Call, one: Known): Promise<boolean> {
  try {
    await requireWritable(shelf, call, { action: 'update', resource: one.resource, id: one.id });
    tally.written += 1;
    return true;
  } catch (error) {
    if (!isFault(error) || error.kind !== 'forbidden') throw error;
    tally.refused += 1;
    return false;
  }
}

test(`random scopes show and let write what they say, seed ${seed}`, async () => {
  const { visible } = house.shelf.access;
  for (let round = 0; round < rounds; round += 1) assert.equal(await compare(visible), undefined);
  for (const [name, count] of Object.entries(tally)) assert.ok(count > rounds / 10, `${name}: ${count} test nothing`);
});

test('negative control: with careless sights the same comparison finds differences', async () => {
  const real = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' }).visible;
  const careless: Record<string, Access['visible']> = {
    'without queries': (...asked) => {
      const sight = real(...asked);
      return typeof sight === 'string' ? sight : sight.map(({ query, ...rest }) => rest);
    },
    'without patients': (...asked) => {
      const sight = real(...asked);
      return typeof sight === 'string' ? sight : sight.map(({ patients: of, ...rest }) => rest);
    },
    'the first sight alone': (...asked) => {
      const sight = real(...asked);
      return typeof sight === 'string' ? sight : sight.slice(0, 1);
    },
    'for searching what is for reading': (principal, type) => real(principal, type),
  };
  for (const [name, visible] of Object.entries(careless)) {
    let wrong: string | undefined;
    for (let round = 0; round < rounds && wrong === undefined; round += 1) wrong = await compare(visible);
    assert.ok(wrong !== undefined, name);
  }
});
