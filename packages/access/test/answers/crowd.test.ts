import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createViewers } from '../../answers/viewers/viewers.ts';
import type { Viewer, ViewerList } from '../../index.ts';
import type { Lists } from '../../standing/lists.ts';
import { type Deps, depsOf, type Person, type Tenant, tenants } from './world.ts';

/** Many people share what is found out of one of them: nobody may get anything of another's. */

/** Everybody again and again, each time with the groups of another, and with grants of their own. */
function crowded(tenant: Tenant, times: number): Tenant {
  const { people } = tenant;
  const copy = (one: Person, index: number, round: number): Person => ({
    ...one,
    id: round === 0 ? one.id : `${one.id}-${round}`,
    groups: people[(index + round) % people.length]?.groups ?? [],
    grants: one.grants.map((grant) => ({ ...grant, grant: `${grant.grant}-${round}`, until: grant.until + round })),
  });
  const rounds = Array.from({ length: times }, (_, round) => people.map((one, index) => copy(one, index, round)));
  return { ...tenant, people: rounds.flat() };
}

const listed = async (deps: Deps): Promise<ViewerList> => {
  const list = await createViewers(deps)(1, 'p1');
  assert.ok(list);
  return list;
};

/** What is said of each person of a crowd, side by side with what is said when nobody else is there. */
async function compare(tenant: Tenant, spoil: (deps: Deps) => Deps = (deps) => deps): Promise<number> {
  const deps = depsOf(tenant);
  const list = [...(await listed(spoil(deps)))];
  await deps.standings.close();
  for (const person of tenant.people) {
    const alone = depsOf({ ...tenant, people: [person] });
    const own = (all: Iterable<Viewer>): Viewer[] => [...all].filter(({ id }) => id === person.id);
    assert.deepEqual(own(list), own(await listed(alone)), person.id);
    await alone.standings.close();
  }
  return list.length;
}

/** Lists that are alike by the number of their roles alone. */
function muddled(deps: Deps): Deps {
  const holdersOf: Deps['standings']['holdersOf'] = async (tenant) => {
    const holders = await deps.standings.holdersOf(tenant);
    const { lists } = holders;
    const muddle = (list: ReturnType<Lists['of']>) => ({ ...list, alike: list.holdings.length + 1 });
    const of: Lists['of'] = (account) => muddle(lists.of(account));
    const visit: Lists['visit'] = (see) => lists.visit((account, list) => see(account, muddle(list)));
    return { ...holders, lists: { ...lists, of, visit } };
  };
  return { ...deps, standings: { ...deps.standings, holdersOf } };
}

const holds = (numRuns: number, spoil?: (deps: Deps) => Deps): Promise<void> =>
  fc.assert(
    fc.asyncProperty(tenants, async (tenant) => void (await compare(crowded(tenant, 3), spoil))),
    { numRuns, endOnFailure: true, ...(spoil === undefined ? {} : { seed: 5 }) },
  );

test('in a crowd of people who are alike everybody gets what they would get alone', async () => {
  await holds(150);
});

test('negative control: people who pass for alike and are not are found out', async () => {
  await assert.rejects(holds(2_000, muddled));
});

/** 1,200 people, two thirds of whom hold the role that opens the record; of both sorts some are in the group. */
function large(tenant: Tenant): Tenant {
  const [one] = tenant.people;
  assert.ok(one);
  const rule = { reason: 'Tested.', interactions: ['read' as const], types: ['Patient'] };
  const rules = [
    { ...rule, id: 'by-role', effect: 'permit' as const, who: { roles: ['ra'] } },
    { ...rule, id: 'by-group', effect: 'permit' as const, who: { groups: ['g1'] } },
    { ...rule, id: 'but', effect: 'forbid' as const, who: { groups: ['g2'] } },
  ];
  const people = Array.from({ length: 1_200 }, (_, index): Person => {
    const grant = { grant: `grant-${index}`, kind: 'standing' as const, until: tenant.at + 1_000 + index };
    const groups = [...(index % 4 === 0 ? ['g1'] : []), ...(index % 5 === 0 ? ['g2'] : [])];
    const state = index % 7 === 0 ? 'suspended' : 'active';
    const may = {
      ...one,
      kind: 'workforce' as const,
      state,
      scopes: Object.freeze(['user/*.rs']),
      patients: [],
    } as const;
    return { ...may, id: `u${index}`, roles: [], groups, grants: [{ ...grant, role: index % 3 === 0 ? 'rb' : 'ra' }] };
  });
  const policy = { ...tenant.policy, rules, matrix: { ra: { all: 'cruds' } } };
  const categories = { all: { title: 'All', types: ['Patient'] } };
  const row = { type: 'Patient', id: 'p1', patients: ['p1'], labels: [], values: {} };
  return { ...tenant, people, consents: [], clients: [], things: [row], policy: { ...policy, categories } };
}

test('of many, too many to look for, and of few the list is the same, and its pages are all of it', async () => {
  const tenant = large(fc.sample(tenants, { numRuns: 1, seed: 1 })[0] as Tenant);
  const deps = depsOf(tenant);
  const list = await listed(deps);
  const sees = ({ id, state, groups, grants: [grant] }: Person): string[] =>
    state !== 'active' || groups.includes('g2')
      ? []
      : [...(grant?.role === 'ra' ? [`by-role ${id}-0 ${grant.until}`] : []), ...groups.map(() => 'by-group - -')];
  const wanted = tenant.people.flatMap((one) => sees(one).map((way) => `${one.id} ${way}`));
  const told = ({ id, rule, grant, until }: Viewer): string => `${id} ${rule} ${grant ?? '-'} ${until ?? '-'}`;
  assert.deepEqual([...list].map(told), wanted);
  assert.equal(list.size, new Set([...list].map(({ id }) => id)).size);
  const pages = [0, 100, 200, 300, 400, 500, 600, 700, 800].flatMap((from) => list.page(from, 100));
  assert.deepEqual(pages.flat().map(told), wanted);
  assert.ok(
    pages.every((ways) => new Set(ways.map(({ id }) => id)).size === 1),
    'a person is on one page',
  );
  assert.deepEqual(list.page(list.size, 100), []);
  await deps.standings.close();
});
