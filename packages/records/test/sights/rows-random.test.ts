import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Visibility } from '@safeguard/access';
import { isFault } from '@safeguard/kernel';
import type { Call } from '../../call.ts';
import { isServedQuery } from '../../search/rule-query.ts';
import { seenSql } from '../../search/seen-sql.ts';
import { createDraft } from '../../search/sql.ts';
import { seen } from '../../verbs/sight.ts';
import { idsOf, ofType, openSearchHouse } from '../search-house.ts';
import { createDice, createWorld } from '../search-small-world.ts';
import { labelledWorld, type Making, queriesOf, shows, types, visibilityOf } from './rules.ts';

/**
 * Random data, random visibilities with all their parts: what SQL finds and counts, what opened rows are judged by, and
 * what a judge by hand says, are the same rows. `node … rows-random.test.ts <seed> <rounds>`.
 */

const seed = Number(process.argv[2] ?? 3);
const rounds = Number(process.argv[3] ?? 250);
const dice = createDice(seed);
let visible = new Map<string, Visibility>();
const house = await openSearchHouse({
  ...(seed % 2 === 0 ? { few: 0 } : {}),
  access: { visible: (_principal, type) => visible.get(type) ?? 'none' },
});
after(() => house.close());
const world = labelledWorld(dice, createWorld(dice, 90));
await house.write(world.all.map(({ type, id, at, resource }) => ({ type, id, expected: 0, at, resource })));
const making: Making = { dice, world, queries: queriesOf(world) };
const rows = await house.shelf.reader.currents(
  1,
  world.all.map(({ id }) => id),
);

const sorted = (ids: readonly string[]): string => [...ids].sort().join();
const tally = { shown: 0, hidden: 0 };

async function bySql(type: string): Promise<string[]> {
  const { planning } = await house.engine.search(house.principal());
  const sight = await seenSql(planning, [...types]);
  const draft = createDraft();
  const numbers = rows.filter((row) => world.byId.get(row.id)?.type === type).map(({ type: number }) => number);
  const text = `select r.id from records.resource r where r.type = ${draft.value(numbers[0], 'int2')}
    and ${sight(draft, 'r')}`;
  const found = await house.clinical.query<{ id: string }>(1, { name: '', text }, draft.values);
  return found.map(({ id }) => id);
}

function forbidden(error: unknown): undefined {
  if (isFault(error) && error.kind === 'forbidden') return undefined;
  throw error;
}

/** Says where they differ. */
async function compare(): Promise<string | undefined> {
  visible = new Map(types.map((type) => [type, visibilityOf(making, type)]));
  const type = dice.pick(types);
  const visibility = visible.get(type) ?? 'none';
  const what = `${type} ${JSON.stringify(visibility)}`;
  const own = world.all.filter((one) => one.type === type);
  const right = own.filter((one) => shows(making, visibility, one)).map(({ id }) => id);
  tally.shown += right.length;
  tally.hidden += own.length - right.length;
  const principal = house.principal({
    view: dice.pick(['full', 'without-identity', 'limited', 'deidentified'] as const),
  });

  const some = rows.filter((row) => world.byId.get(row.id)?.type === type);
  const found = await house.search(ofType(type), '_count=200&_total=accurate', principal).catch(forbidden);
  if (found === undefined) {
    // A view that shows less than a rule asks is refused, by every way.
    const judged = await seen(house.shelf, { principal } as Call, 'read', some).catch(forbidden);
    return judged === undefined && principal.view !== 'full' ? undefined : `refused ${what}`;
  }
  if (principal.view === 'full' && sorted(idsOf(found)) !== sorted(right)) return `search ${what}`;
  if (found.total !== right.length || (found.entry?.length ?? 0) !== right.length) return `total ${what}`;

  const judged = (await seen(house.shelf, { principal } as Call, 'read', some)).map(({ id }) => id);
  if (sorted(judged) !== sorted(right)) return `row judge ${what}`;

  const sql = await bySql(type);
  const missing = right.filter((id) => !sql.includes(id));
  if (missing.length > 0) return `sql of many types ${what}`;
  return undefined;
}

test(`SQL, opened rows and a judge by hand agree row by row, seed ${seed}`, async () => {
  for (let round = 0; round < rounds; round += 1) assert.equal(await compare(), undefined);
  assert.ok(tally.shown > rounds && tally.hidden > rounds, JSON.stringify(tally));
});

test('every query of the rules is one that is served', () => {
  for (const [type, queries] of Object.entries(making.queries)) {
    for (const [query] of queries) assert.equal(isServedQuery(type, query), true, `${type}?${query}`);
  }
});

test('negative control: with a part of the sights left out the same comparison finds differences', async () => {
  const careless: Record<string, (visibility: Visibility) => Visibility> = {
    patients: (all) => (typeof all === 'string' ? all : all.map(({ patients: _, ...rest }) => rest)),
    patientQuery: (all) => (typeof all === 'string' ? all : all.map(({ patientQuery: _, ...rest }) => rest)),
    query: (all) => (typeof all === 'string' ? all : all.map(({ query: _, ...rest }) => rest)),
    except: (all) => (typeof all === 'string' ? all : all.map(({ except: _, ...rest }) => rest)),
    'all but the first': (all) => (typeof all === 'string' ? all : all.slice(0, 1)),
  };
  const { shelf } = house;
  for (const [name, less] of Object.entries(careless)) {
    let differs = false;
    for (let round = 0; round < rounds && !differs; round += 1) {
      const type = dice.pick(types);
      const visibility = visibilityOf(making, type);
      visible = new Map([[type, less(visibility)]]);
      const right = world.all.filter((one) => one.type === type && shows(making, visibility, one));
      const found = await house.search(ofType(type), '_count=200').catch((error: unknown) => {
        if (isFault(error)) return undefined;
        throw error;
      });
      differs = sorted(found === undefined ? [] : idsOf(found)) !== sorted(right.map(({ id }) => id));
    }
    assert.ok(differs, name);
  }
  assert.ok(shelf);
});
