import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sharedTypes } from '@safeguard/access';
import { type Parameter, parametersOf, readSearch, valuesOf } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fold, type JsonObject } from '@safeguard/kernel';
import { idsOf, linkOf, ofType, openSearchHouse } from './search-house.ts';
import { fulfils, included, type Known, type Oracle, sees } from './search-oracle.ts';
import { condition, createDice, createWorld, type Dice, includes, sorts, worldTypes } from './search-small-world.ts';

const seed = Number(process.argv[2] ?? 7);
const rounds = Number(process.argv[3] ?? 250);
const dice = createDice(seed);
// Every other seed leaves chains to PostgreSQL, which in a small world would all be looked up first.
const house = await openSearchHouse(seed % 2 === 0 ? { few: 0 } : {});
after(() => house.close());

const world = createWorld(dice, 90);
await house.write(world.map(({ type, id, at, resource }) => ({ type, id, expected: 0, at, resource })));
// Some change, some go: what the index held of them before must not be found.
const again = createWorld(createDice(seed), 90);
const changed = world.map((one, index): Known | undefined => {
  if (index % 17 === 3) return undefined;
  if (index % 5 !== 1) return one;
  const other = again.find(({ type, id }) => type === one.type && id !== one.id) ?? one;
  return { ...one, at: one.at + 600_000, resource: { ...other.resource, id: one.id } };
});
await house.write(
  world.flatMap((one, index) => {
    const now = changed[index];
    if (now === one) return [];
    const base = { type: one.type, id: one.id, expected: 1, at: now?.at ?? one.at };
    return [now ? { ...base, resource: now.resource } : base];
  }),
);
const live = changed.filter((one) => one !== undefined);
const limitedTo = world.find((one) => one.type === 'Patient' && live.includes(one))?.id ?? '';

interface Who {
  readonly name: string;
  readonly principal: Partial<Principal>;
  readonly oracle: Oracle;
}
const everyone: Who = {
  name: 'all',
  principal: {},
  oracle: { all: live, visible: () => 'all', shared: sharedTypes },
};
const limited: Who = {
  name: 'one patient',
  principal: { patient: limitedTo },
  oracle: { all: live, visible: () => [{ patients: [limitedTo] }], shared: sharedTypes },
};

const tagged = (resource: JsonObject, code: string): boolean =>
  (resource as { meta?: { tag?: { system?: string; code?: string }[] } }).meta?.tag?.some(
    (tag) => tag.system === 'http://tag' && tag.code === code,
  ) === true;
const coded = (resource: JsonObject, code: string): boolean =>
  (resource as { code?: { coding?: { code?: string }[] } }).code?.coding?.some((one) => one.code === code) === true;
const named = (resource: JsonObject, start: string): boolean =>
  typeof resource.name === 'string' && fold(resource.name).startsWith(start);

/** By search parameters: exact ones, several at once, a name (which the index cannot judge alone), a reference. */
const restricted: Who = {
  name: 'restricted scopes',
  principal: {
    scopes: [
      'system/Patient.rs?gender=female',
      'system/Patient.rs?_tag=http://tag|a',
      'system/Observation.rs?status=final&code=a,b',
      'system/Observation.s?_tag=http://tag|c',
      'system/Organization.s?name=a',
      'system/Encounter.s',
      'system/Goal.r',
      'system/List.s?status=current',
    ],
  },
  oracle: {
    all: live,
    shared: sharedTypes,
    visible: (type) =>
      ({
        Patient: [
          { where: ({ gender }: JsonObject) => gender === 'female' },
          { where: (one: JsonObject) => tagged(one, 'a') },
        ],
        Observation: [
          { where: (one: JsonObject) => one.status === 'final' && (coded(one, 'a') || coded(one, 'b')) },
          { where: (one: JsonObject) => tagged(one, 'c') },
        ],
        Organization: [{ where: (one: JsonObject) => named(one, 'a') }],
        Encounter: 'all' as const,
        List: [{ where: ({ status }: JsonObject) => status === 'current' }],
      })[type] ?? 'none',
  },
};

const others = live.filter(({ type }) => type === 'Patient').slice(1, 4);
const within = [limitedTo, ...others.map(({ id }) => id)];

/** A person who stands for some patients, in the context of one. */
const person: Who = {
  name: 'a person within patients',
  principal: {
    kind: 'user',
    within,
    patient: limitedTo,
    assurance: { level: 2, at: 0, methods: [] },
    scopes: [
      'user/*.s?_tag=http://tag|a',
      'patient/Observation.rs',
      'user/Encounter.s?status=finished',
      'user/Patient.s',
    ],
  },
  oracle: {
    all: live,
    shared: sharedTypes,
    visible: (type) => {
      const tag = { patients: within, where: (one: JsonObject) => tagged(one, 'a') };
      if (type === 'Patient') return [{ patients: within }];
      if (type === 'Observation') return [tag, { patients: [limitedTo] }];
      if (type !== 'Encounter') return [tag];
      return [tag, { patients: within, where: ({ status }) => status === 'finished' }];
    },
  },
};

const options = { parameters: parametersOf, lenient: false, now: house.clock.at, base: 'https://test' };

function expected({ oracle }: Who, type: string, query: string): Known[] {
  const { where } = readSearch(type, new URLSearchParams(query), options);
  return live.filter((one) => one.type === type && sees(oracle, one) && fulfils(oracle, where, one));
}

function randomQuery(dice: Dice, type: string): string {
  const parts = Array.from({ length: dice.roll(3) + (dice.maybe(10) ? 0 : 1) }, () => condition(dice, live, type));
  return parts.join('&');
}

/** The first value in the direction asked for, written anew here: what the order is judged by. */
function keyOf(one: Known, by: string): number | string | undefined {
  const descending = by.startsWith('-');
  const code = by.replace(/^-/, '');
  if (code === '_id') return one.id;
  if (code === '_lastUpdated') return one.at;
  const values = valuesOf(one.resource, parametersOf(one.type).get(code) as Parameter).map((value) => {
    if (value.kind === 'string') return fold(value.text);
    if (value.kind === 'token') return value.code ?? '';
    if (value.kind === 'reference') return `${value.type}/${value.id}`;
    const range = value.kind === 'quantity' ? (value.canonical ?? value) : value;
    return 'low' in range ? (descending ? range.high : range.low) : '';
  });
  values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return descending ? values.at(-1) : values[0];
}

function isSorted(type: string, sort: string, ids: readonly string[]): boolean {
  const all = ids.map((id) => live.find((one) => one.id === id && one.type === type) as Known);
  return all.slice(1).every((next, index) => {
    for (const by of sort.split(',')) {
      const [a, b] = [keyOf(all[index] as Known, by), keyOf(next, by)];
      if (a === b) continue;
      if (a === undefined || b === undefined) return b === undefined;
      return by.startsWith('-') ? a > b : a < b;
    }
    return true;
  });
}

for (const who of [everyone, limited, restricted, person]) {
  const may = (type: string): boolean => who.oracle.visible(type) !== 'none';

  test(`random queries answer as the specification has it, page by page: ${who.name}, seed ${seed}`, async () => {
    let answered = 0;
    for (let round = 0; round < rounds; round += 1) {
      const type = dice.pick(worldTypes.filter(may));
      const query = randomQuery(dice, type);
      const wanted = expected(who, type, query).map(({ id }) => id);
      const pages = await house.walk(
        ofType(type),
        `${query}&_count=${1 + dice.roll(6)}&_total=accurate`,
        who.principal,
      );
      const got = pages.flatMap((page) => idsOf(page));
      assert.deepEqual([...got].sort(), [...wanted].sort(), `${type}?${query}`);
      for (const page of pages) assert.equal(page.total, wanted.length, `total of ${type}?${query}`);
      answered += wanted.length;
    }
    assert.ok(answered > rounds / (who === person ? 50 : 10), 'queries that find nothing test nothing');
  });

  test(`sorted pages are in order, whole, and the same backwards: ${who.name}, seed ${seed}`, async () => {
    for (let round = 0; round < rounds / 5; round += 1) {
      const type = dice.pick(Object.keys(sorts).filter(may));
      const query = dice.maybe(50) ? randomQuery(dice, type) : '';
      const sort = dice.pick(sorts[type] ?? []);
      const asked = `${query}&_sort=${sort}`;
      const wanted = expected(who, type, query).map(({ id }) => id);
      const whole = idsOf(await house.search(ofType(type), `${asked}&_count=1000`, who.principal));
      assert.deepEqual([...whole].sort(), [...wanted].sort(), asked);
      const pages = await house.walk(ofType(type), `${asked}&_count=3`, who.principal);
      assert.deepEqual(
        pages.flatMap((page) => idsOf(page)),
        whole,
        asked,
      );
      assert.ok(isSorted(type, sort, whole), `order of ${asked}`);
      const last = pages.at(-1);
      const back = [...(last ? idsOf(last) : [])];
      for (let link = last && linkOf(last, 'previous'); link !== undefined; ) {
        const page = await house.search(ofType(type), link, who.principal);
        back.unshift(...idsOf(page));
        link = linkOf(page, 'previous');
      }
      assert.deepEqual(back, whole, `backwards: ${asked}`);
    }
  });

  test(`includes bring what the page refers to, and nothing hidden: ${who.name}, seed ${seed}`, async () => {
    for (let round = 0; round < rounds / 5; round += 1) {
      const type = dice.pick(Object.keys(includes).filter(may));
      const query = dice.maybe(60) ? randomQuery(dice, type) : '';
      const asked = `${query}&${dice.pick(includes[type] ?? [])}&_count=4`;
      const page = await house.search(ofType(type), asked, who.principal);
      const request = readSearch(type, new URLSearchParams(asked), options);
      const from = idsOf(page).map((id) => live.find((one) => one.id === id) as Known);
      const wanted = included(who.oracle, request.includes, from);
      assert.deepEqual(idsOf(page, 'include').sort(), [...wanted].sort(), `${type}?${asked}`);
    }
  });
}
