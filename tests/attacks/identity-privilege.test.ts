/**
 * Every route of people, apps and directories × everybody who may ask: nothing succeeds but what a table that stands
 * here a second time permits, and each denial is in the ledger, under whoever asked. The rules one by one, with guards
 * taken out, are tested in packages/identity/test/api/attacks.test.ts and packages/access/test/product.test.ts; rights
 * in FHIR data in rights.test.ts and smart-scopes.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Route } from '@safeguard/http';
import { mutated } from '../drills/mutate.ts';
import { eventsOf, type IdentityHouse, identityHouse } from '../harness/identity-house.ts';
import type { Answer } from '../harness/instance.ts';
import { bySecret, forEverybody } from '../harness/listed-identity.ts';
import { type AskerName, askedOf, askers, everybody, expectedOf, outcomeOf } from '../harness/privilege.ts';
import { servedRoutes } from '../harness/routes.ts';

/** What ends the session or the token that asks comes last. */
const ends = ({ method, path }: Route): number =>
  path.endsWith('end-all') ? 2 : Number(method === 'DELETE' && path.endsWith('/me/sessions'));
const isGuarded = ({ path, auth }: Route): boolean => auth !== 'none' && !path.startsWith('/fhir/');
const guarded = servedRoutes()
  .filter(isGuarded)
  .sort((a, b) => ends(a) - ends(b));

interface Cell {
  readonly route: string;
  readonly asker: AskerName;
  readonly answer: Answer;
  readonly expected: string;
  readonly came: string;
}

async function matrix(all: Awaited<ReturnType<typeof everybody>>, routes: readonly Route[]): Promise<Cell[]> {
  const row = async (asker: AskerName): Promise<Cell[]> => {
    const cells: Cell[] = [];
    for (const route of routes) {
      const answer = await all.ask[asker](askedOf(route));
      const expected = expectedOf(route, asker);
      const came = outcomeOf(route, answer);
      cells.push({ route: `${route.method} ${route.path}`, asker, answer, expected, came });
    }
    return cells;
  };
  // What shares an account goes one after the other: one may end what the other asks with.
  const rows: Cell[] = [];
  for (const asker of askers.toReversed()) rows.push(...(await row(asker)));
  return rows;
}

const breachesOf = (cells: readonly Cell[]): string[] =>
  cells
    .filter(({ expected, came }) => expected !== came)
    .map((cell) => `${cell.asker}: ${cell.route}: ${cell.came} (${cell.answer.status}), expected ${cell.expected}`);

describe('the matrix', () => {
  let house: IdentityHouse;
  let all: Awaited<ReturnType<typeof everybody>>;
  let cells: Cell[];
  before(async () => {
    house = await identityHouse();
    all = await everybody(house);
    cells = await matrix(all, guarded);
  });
  after(() => house?.remove());

  test('routes that ask for nobody are those that hang on a secret, prove the caller themselves, or are public', () => {
    const open = servedRoutes().filter(({ path, auth }) => auth === 'none' && !path.startsWith('/fhir/'));
    const proven = ['/oauth2/token', '/oauth2/revoke', '/oauth2/introspect', '/oauth2/par', '/oauth2/userinfo'];
    const known = new Set([...bySecret, ...forEverybody]);
    const unknown = open
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => !known.has(route) && !proven.includes(route.split(' ')[1] ?? ''))
      .filter(
        (route) =>
          !/ \/interaction\/:uid| \/oauth2\/register\/:id$| \/oauth2\/authorize\/:uid|\/sign-in\/with\/:provider$/.test(
            route,
          ),
      );
    assert.deepEqual(unknown, []);
  });

  test('nobody gets further than the tables say, and everybody as far', () => {
    assert.deepEqual(breachesOf(cells), []);
    const count = (came: string): number => cells.filter((cell) => cell.came === came).length;
    assert.ok(count('no') > 400 && count('yes') > 150 && count('again') >= 15, 'enough of each was seen');
    for (const { answer, route, asker } of cells) assert.ok(answer.status < 500, `${route} ${asker}: ${answer.text}`);
  });

  test('each denial stands in the ledger once, as a denial, under whoever asked', async () => {
    const denials = cells.filter(({ came }) => came !== 'yes');
    const events = await eventsOf(
      house.inside,
      [all.party.number],
      denials.map(({ answer }) => answer),
    );
    for (const { answer, route, asker } of denials) {
      const event = events.get(answer);
      assert.equal(event?.outcome, 'deny', `${route} by ${asker}: ${JSON.stringify(event)}`);
      // A token is no session: to a page, whoever brings one is nobody. No more is a session a token.
      const known =
        answer.status === 403 &&
        !(/ \/(account|access|rights|programme|applications|federation)/.test(route) && /app|client/.test(asker));
      assert.ok(!known || event?.actor === all.actors[asker], `${route} by ${asker}: ${event?.actor}`);
    }
  });
});

test('negative control: a guard that takes everybody for an administrator is seen by the same matrix', async () => {
  const from = 'if (isAdministrator && isAtHome(principal)) return permitted.administrator;';
  const to = 'if (isAtHome(principal)) return permitted.administrator;';
  const env = mutated({ file: '/packages/access/decide-product.ts', from, to });
  const house = await identityHouse({ tls: 'off', env });
  try {
    const some = guarded.filter(({ path }) => path.startsWith('/api/v1/accounts'));
    const breaches = breachesOf(await matrix(await everybody(house), some));
    assert.ok(breaches.includes('worker: GET /api/v1/accounts: yes (200), expected no'), breaches.join('\n'));
    assert.ok(breaches.every((breach) => breach.startsWith('worker: ')));
  } finally {
    await house.remove();
  }
});
