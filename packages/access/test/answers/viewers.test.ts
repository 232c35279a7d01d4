import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, View } from '@safeguard/http';
import fc from 'fast-check';
import type { Viewer } from '../../index.ts';
import { access, factsOf } from '../policy/world.ts';
import { askersIn, type Deps, depsOf, type Tenant, tenants, viewersOf } from './world.ts';

/** Somebody on one occasion, and what they may with the patient's resources. */
interface Found {
  readonly id: string;
  readonly kind: 'user' | 'client';
  /** Of `cruds`. */
  readonly letters: string;
}

const actions = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search-type' } as const;
const isSeeing = ({ letters }: Found): boolean => /[rs]/.test(letters);

interface Occasion {
  readonly network: string;
  readonly age_s: number;
  /** Undefined: the usual one. */
  readonly purpose: string | undefined;
  readonly view: View;
}

/** The slow way: everybody is asked, as a request of theirs would be judged. */
async function everybody(tenant: Tenant, { standings }: Deps, occasion: Occasion): Promise<Found[]> {
  const { network: remote, age_s, purpose, view } = occasion;
  const found: Found[] = [];
  for (const bare of askersIn(tenant, age_s)) {
    const who: Principal = await standings.entitle(bare, { at: tenant.at, remote, purpose, view });
    const may = (action: string): boolean =>
      tenant.things.some((thing) => access.decide(who, action, { type: thing.type, row: factsOf(thing) }).permit);
    const letters = Object.entries(actions).flatMap(([letter, action]) => (may(action) ? [letter] : []));
    found.push({ id: who.id, kind: who.kind as Found['kind'], letters: letters.join('') });
  }
  return found;
}

const key = (kind: string, id: string): string => `${kind === 'client' ? 'client' : 'account'} ${id}`;
const sighted = (found: readonly Found[]): Set<string> =>
  new Set(found.filter(isSeeing).map(({ kind, id }) => key(kind, id)));
const union = (sets: readonly Set<string>[]): Set<string> => new Set(sets.flatMap((one) => [...one]));
const keysOf = (viewers: readonly Viewer[]): Set<string> => new Set(viewers.map(({ kind, id }) => key(kind, id)));

const purposes = [undefined, 'TREAT', 'HPAYMT', 'HRESCH', 'HOPERAT', 'PUBHLTH'];
const places = ['10.1.2.3', '192.168.7.9', '2001:db8::1', 'nowhere'];
const ages_s = [10, 200, 900];

const asks = ({ policy }: Tenant, what: 'networks' | 'hours' | 'fresh_s' | 'purposes'): boolean =>
  policy.rules.some(({ where }) => where?.[what] !== undefined);

/** All occasions at the tenant's moment that anything tells apart, in the narrowest view, in which most rules count. */
function occasionsOf(tenant: Tenant): Occasion[] {
  const near = asks(tenant, 'networks') ? places : places.slice(3);
  const ages = asks(tenant, 'fresh_s') ? ages_s : ages_s.slice(2);
  const said = asks(tenant, 'purposes') || tenant.consents.length > 0 ? purposes : purposes.slice(0, 1);
  return said.flatMap((purpose) =>
    near.flatMap((network) => ages.map((age_s): Occasion => ({ purpose, network, age_s, view: 'deidentified' }))),
  );
}
const isUncertain = (tenant: Tenant): boolean =>
  asks(tenant, 'networks') || asks(tenant, 'hours') || asks(tenant, 'fresh_s');

/** A Consent names a care team: who is on it the list does not ask, and names whoever may not be. */
const isUntold = ({ consents }: Tenant): boolean => JSON.stringify(consents).includes('CareTeam/');

/** What must hold of a list; see `Viewer`. */
async function check(tenant: Tenant, deps: Deps, viewers: readonly Viewer[]): Promise<void> {
  const occasions = occasionsOf(tenant);
  const truths = await Promise.all(occasions.map((one) => everybody(tenant, deps, one)));
  const listed = keysOf(viewers);
  const ever = union(truths.map(sighted));
  for (const one of ever) assert.ok(listed.has(one), `${one} can see and is not listed`);
  if (!isUncertain(tenant) && !isUntold(tenant)) {
    assert.deepEqual([...listed].sort(), [...ever].sort(), 'nobody else is listed');
  }
  if (isUntold(tenant)) return;
  const surely = keysOf(viewers.filter(({ when }) => when === undefined));
  for (const [index, { purpose }] of occasions.entries()) {
    if (purpose !== undefined) continue;
    const now = sighted(truths[index] ?? []);
    for (const one of surely) assert.ok(now.has(one), `${one} is listed without a condition and cannot see`);
    if (!isUncertain(tenant)) assert.deepEqual([...surely].sort(), [...now].sort());
  }
  for (const { view, kind, id, letters, when } of viewers) {
    if (when !== undefined) continue;
    const shown = await everybody(tenant, deps, { network: 'nowhere', age_s: 10_000, purpose: undefined, view });
    const own = shown.filter((one) => key(one.kind, one.id) === key(kind, id));
    assert.ok(own.some(isSeeing), 'in the view that is told');
    const may = new Set(own.flatMap((one) => one.letters.split('')));
    for (const letter of letters) assert.ok(may.has(letter), `${letter} is not theirs`);
  }
}

const seed = Date.now() % 1_000_000_000;

async function holds(numRuns: number, from: number, spoil: (deps: Deps) => Deps = (deps) => deps): Promise<void> {
  await fc.assert(
    fc.asyncProperty(tenants, async (tenant) => {
      const deps = depsOf(tenant);
      await check(tenant, deps, await viewersOf(spoil(deps)));
      await deps.standings.close();
    }),
    { numRuns, seed: from, endOnFailure: true },
  );
}

test('the list is everybody whom decide lets see anything, and nobody else', async (t) => {
  t.diagnostic(`seed ${seed}`);
  await holds(300, seed);
});

test('of the random tenants neither viewers nor conditions are rare', async () => {
  const counts = { viewers: 0, none: 0, when: 0, client: 0, within: 0, grant: 0, withheld: 0 };
  const isRelated = (tenant: Tenant, id: string): boolean =>
    tenant.people.some((one) => one.id === id && one.kind !== 'workforce');
  for (const tenant of fc.sample(tenants, { numRuns: 300, seed: 7 })) {
    const deps = depsOf(tenant);
    const viewers = await viewersOf(deps);
    const consents = async () => ({ version: 2, consents: [] });
    const free = await viewersOf({ ...deps, clinical: { ...deps.clinical, consents } });
    if (keysOf(free).size > keysOf(viewers).size) counts.withheld += 1;
    counts.viewers += viewers.length;
    if (viewers.length === 0) counts.none += 1;
    counts.when += viewers.filter(({ when }) => when !== undefined).length;
    counts.client += viewers.filter(({ kind }) => kind === 'client').length;
    counts.grant += viewers.filter(({ grant }) => grant !== undefined).length;
    counts.within += viewers.filter(({ id }) => isRelated(tenant, id)).length;
    await deps.standings.close();
  }
  const least = { viewers: 300, none: 30, when: 50, client: 50, within: 10, grant: 50, withheld: 5 };
  for (const [what, count] of Object.entries(least)) {
    assert.ok(counts[what as keyof typeof least] >= count, `${what}: ${JSON.stringify(counts)}`);
  }
});

const spoilt: Readonly<Record<string, (deps: Deps) => Deps>> = {
  relationships: (deps) => ({ ...deps, people: { ...deps.people, withPatient: async () => [] } }),
  consents: (deps) => ({
    ...deps,
    clinical: { ...deps.clinical, consents: async () => ({ version: 2, consents: [] }) },
  }),
  groups: (deps) => ({ ...deps, people: { ...deps.people, members: async () => new Map() } }),
  'care teams': (deps) => ({ ...deps, clinical: { ...deps.clinical, careTeamOf: async () => [] } }),
  organizations: (deps) => ({ ...deps, questions: { ...deps.questions, workersOf: async () => new Map() } }),
};
for (const [what, spoil] of Object.entries(spoilt)) {
  test(`negative control: a list that forgets ${what} is found out`, async () => {
    await assert.rejects(holds(2_000, 11, spoil));
  });
}
