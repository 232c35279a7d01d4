/**
 * Every route × verb × role × tenant × assurance level, through the real door, against a table that stands here a
 * second time (matrix/expected.ts, matrix/product.ts): nothing succeeds that it does not permit, nothing that it
 * permits is denied, no answer holds anything of somebody else's, and each attempt has its one entry in the ledger.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mutated, notRecorded } from '../drills/mutate.ts';
import { several } from './matrix/askers.ts';
import { type Attempt, onNew, onResources, onTypes } from './matrix/attempts.ts';
import { type MatrixHouse, matrixHouse } from './matrix/house.ts';
import { unrecorded } from './matrix/ledger.ts';
import { guardedOf, tryProduct } from './matrix/product.ts';
import { byEveryRoute, onLog } from './matrix/rest.ts';
import { everyRoute } from './matrix/routes.ts';
import { breachesOf, type Tried, tryAll } from './matrix/run.ts';
import { plantedTypes, type World } from './matrix/world.ts';

type Make = (asker: MatrixHouse['askers'][number], world: World, types: readonly string[]) => Iterable<Attempt>;

function* all({ askers, world }: MatrixHouse, make: Make, types = plantedTypes): Generator<Attempt> {
  for (const asker of askers) yield* make(asker, world, types);
}

const few = (breaches: readonly string[]): string => `${breaches.length}:\n${breaches.slice(0, 20).join('\n')}`;

/** What the server wrote of errors of its own. */
const errorsOf = ({ safeguard }: MatrixHouse): string =>
  safeguard
    .output()
    .split('\n')
    .filter((line) => /"level":"?(50|60|error|fatal)/.test(line))
    .slice(-3)
    .join('\n');

/** What was planted stands as it was: one version of each. */
async function changed({ inside, world: { planted } }: MatrixHouse): Promise<unknown[]> {
  const text = 'select id, version from records.resource where id = any($1) and version <> 1';
  return inside.databases.sql('clinical', text, [planted.map(({ id }) => id)]);
}

describe('the matrix', () => {
  let house: MatrixHouse;
  const tried: Tried[] = [];
  before(async () => {
    house = await matrixHouse();
  });
  after(() => house?.remove());

  const phase = (name: string, make: Make, least: number): void => {
    test(name, async () => {
      const these = await tryAll(house.safeguard, all(house, make));
      for (const one of these) tried.push(one);
      assert.ok(these.length >= least, `${these.length} attempts`);
      const breaches = breachesOf(these);
      assert.equal(breaches.length, 0, few(breaches));
    });
  };

  phase('nobody reads, changes or deletes but what the table permits, and everybody that', onResources, 80_000);
  phase('a search or a history of a type shows exactly what the table permits', onTypes, 14_000);
  phase('by no other route of FHIR anything comes through', byEveryRoute, 5_000);
  phase('the log is for who reads logs, and nobody writes it', onLog, 200);
  phase('nobody creates but what and where the table permits', onNew, 7_000);

  test('of the product’s own routes everybody comes to those that the table names, and to no others', async () => {
    const routes = guardedOf(everyRoute());
    const these = (await several(house.askers, 12, (asker) => tryProduct(house.safeguard, asker, routes))).flat();
    for (const one of these) tried.push(one);
    const breaches = breachesOf(these);
    assert.equal(breaches.length, 0, `${few(breaches)}\n${errorsOf(house)}`);
  });

  test('nothing of what was planted has changed', async () => {
    assert.deepEqual(await changed(house), []);
  });

  test('there were 100,000 attempts, of every route of FHIR, by everybody; each has its one entry', async (t) => {
    const routes = new Set(tried.map(({ attempt }) => attempt.route));
    assert.ok(tried.length >= 100_000, `${tried.length} attempts`);
    assert.ok(routes.size > 200 && house.askers.length >= 36, `${routes.size} routes, ${house.askers.length} askers`);
    t.diagnostic(`${tried.length} attempts by ${house.askers.length} askers on ${routes.size} routes`);
    const refused = tried.filter(({ status }) => [401, 403, 404, 405].includes(status)).length;
    assert.ok(refused > 60_000 && tried.length - refused > 10_000, `${refused} refusals of ${tried.length}`);
    const wrong = await unrecorded(house.inside, house.tenants, tried);
    assert.equal(wrong.length, 0, few(wrong));
  });
});

/** A care team's limit taken out of the policy of the house, and a ledger that nobody writes. */
const unlimited = {
  file: '/packages/access/policies/house/rules.ts',
  from: "where: { compartment: 'care-team' },",
  to: '',
};

test('negative control: without the care team’s limit and without the ledger, the same matrix tells both', async () => {
  const types = ['Observation', 'Patient'];
  const house = await matrixHouse(
    { tls: 'off', env: mutated(unlimited, notRecorded) },
    types,
    (name) => name === 'clinician',
  );
  try {
    const tried = await tryAll(house.safeguard, all(house, onResources, types));
    const breaches = breachesOf(tried);
    assert.ok(
      breaches.some((one) => /^clinician: GET \S*\/Observation\/.*SERVED/.test(one)),
      few(breaches),
    );
    assert.ok(
      breaches.every((one) => one.startsWith('clinician: ')),
      few(breaches),
    );
    const wrong = await unrecorded(house.inside, house.tenants, tried);
    assert.ok(wrong.length > tried.length / 2 && wrong.every((one) => one.includes(': 0 entries')), few(wrong));
  } finally {
    await house.remove();
  }
});
