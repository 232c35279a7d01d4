import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import fc from 'fast-check';
import { type Access, compilePolicy, createAccess, entitled, type Holding, type Visible } from '../../index.ts';
import { actions, dated, factsOf, found, policy, principal, thing, types, views, vocabulary } from './world.ts';

/** What is remembered of a person from one request to the next must never show. */

const frozen = (one: Holding): Holding =>
  Object.freeze({
    ...one,
    ...(one.patients === undefined ? {} : { patients: Object.freeze([...one.patients]) }),
    ...(one.opens === undefined ? {} : { opens: Object.freeze([...one.opens]) }),
  });

/** From the second of a pair, seldom: then little changes at a time, and what is forgotten shows. */
const pick = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });

/** Two of everything that may be another at the next request, and which of the two each request has. */
const visit = fc
  .record({
    pair: fc.tuple(found, found),
    kind: fc.constantFrom('user', 'user', 'client'),
    bare: fc.tuple(principal, principal, principal, principal),
    requests: fc.array(fc.record({ picks: fc.array(pick, { minLength: 15, maxLength: 15 }), header: fc.nat(9) }), {
      minLength: 6,
      maxLength: 12,
    }),
    action: fc.constantFrom(...actions),
    policy,
    things: fc.array(thing, { minLength: 2, maxLength: 2 }),
  })
  .map(({ pair, bare, kind, ...rest }) => {
    const fixed = pair.map((one) => ({
      ...one,
      holdings: Object.freeze(one.holdings.map(frozen)),
      careTeam: Object.freeze(one.careTeam),
      organizations: Object.freeze(one.organizations),
      consents: Object.freeze(one.consents),
    }));
    const people = bare
      .filter((one) => one.kind === kind)
      .map((one) => ({
        ...one,
        ...(one.within === undefined ? {} : { within: Object.freeze(one.within) }),
        ...(one.permissions === undefined ? {} : { permissions: Object.freeze(one.permissions) }),
      }));
    return { ...rest, pair: fixed, people };
  });
type Visit = typeof visit extends fc.Arbitrary<infer T> ? T : never;

/** The same person at each request, twice: mostly as before, some things as in the other of the two. */
function requestsOf({ pair, people, requests, policy: drawn }: Visit): [Principal, Principal][] {
  const compiled = compilePolicy(drawn, 1, vocabulary);
  const [one, other = one] = people;
  if (one === undefined || other === undefined) return [];
  return requests.flatMap(({ picks, header }) => {
    const fact = (place: number) => pair[picks[place] ?? 0] as (typeof pair)[number];
    const self = (place: number): Principal => (picks[place] === 1 ? other : one);
    const { within } = self(9);
    const { permissions } = self(10);
    const { patient } = self(11);
    const { assurance } = self(12);
    const bare: Principal = {
      ...{ tenant: 1, kind: one.kind, id: one.id, scopes: self(13).scopes, view: self(14).view },
      ...(within === undefined ? {} : { within }),
      ...(permissions === undefined ? {} : { permissions }),
      ...(patient === undefined ? {} : { patient }),
      ...(assurance === undefined ? {} : { assurance }),
    };
    const lists = { holdings: fact(0).holdings, groups: fact(1).groups, careTeam: fact(2).careTeam };
    const more = { organizations: fact(3).organizations, consents: fact(4).consents, testTenant: fact(5).testTenant };
    const occasion = { at: fact(6).at, network: fact(7).network, purpose: fact(8).purpose };
    const facts = { ...lists, ...more, ...occasion, policy: compiled };
    const made = () => entitled(dated(bare, occasion.at), facts, views[header] ?? 'full');
    return [[made(), made()]];
  });
}

/** Whatever was asked before, an answer is that of somebody who remembers nothing. */
function remembers(remembering: () => Pick<Access, 'visible' | 'shield' | 'decide'>, numRuns: number, seed: number) {
  const counts = { same: 0, other: 0 };
  fc.assert(
    fc.property(visit, (drawn) => {
      const one = remembering();
      let last = '';
      for (const [who, again] of requestsOf(drawn)) {
        const fresh = createAccess({ ...vocabulary, policies: 'on' });
        for (const type of types) {
          const visible = fresh.visible(again, type, drawn.action);
          assert.deepEqual(one.visible(who, type, drawn.action), visible);
          for (const row of [undefined, 'any'] as const) {
            assert.deepEqual(one.shield(who, type, drawn.action, row), fresh.shield(again, type, drawn.action, row));
          }
          if (type !== 'Observation') continue;
          const text = JSON.stringify(visible);
          counts[text === last ? 'same' : 'other'] += 1;
          last = text;
        }
        for (const each of drawn.things) {
          const target = { type: each.type, row: factsOf(each) };
          assert.deepEqual(one.decide(who, drawn.action, target), fresh.decide(again, drawn.action, target));
        }
      }
    }),
    { numRuns, seed, endOnFailure: true },
  );
  return counts;
}

test('what was found out at one request serves the next only where nothing has changed', (t) => {
  const seed = Date.now() % 1_000_000_000;
  t.diagnostic(`seed ${seed}`);
  const { same, other } = remembers(() => createAccess({ ...vocabulary, policies: 'on' }), 1_500, seed);
  assert.ok(same > 3_000 && other > 500, 'answers that stay, and answers that change, are not rare');
});

/** Remembers by what is given, and by nothing else. */
function careless(keyOf: (who: Principal, type: string, action: string) => unknown[]) {
  return () => {
    const access = createAccess({ ...vocabulary, policies: 'on' });
    const known = new Map<string, ReturnType<Visible>>();
    const visible: Visible = (who, type, action = 'search-type') => {
      const key = JSON.stringify([type, action, ...keyOf(who, type, action)]);
      const before = known.get(key) ?? access.visible(who, type, action);
      known.set(key, before);
      return before;
    };
    return { ...access, visible };
  };
}

test('control: a memory that leaves out the scopes, the view or the rest is found out', () => {
  const some: Record<string, ReturnType<typeof careless>> = {
    'who alone': careless(({ id, kind }) => [id, kind]),
    'who, scopes and view': careless(({ id, kind, scopes, view }) => [id, kind, scopes, view]),
    'all of the principal': careless(({ standing: _, ...who }) => [who]),
  };
  for (const [name, one] of Object.entries(some)) assert.throws(() => remembers(one, 2_000, 7), Error, name);
});

test('attack: a list that is not frozen, and changed since, is not what was remembered', () => {
  const access = createAccess({ ...vocabulary, policies: 'on' });
  const rule = {
    id: 'r',
    reason: 'Tested.',
    effect: 'permit',
    who: { everyone: true },
    interactions: ['read'],
  } as const;
  const [drawn] = fc.sample(policy, { numRuns: 1, seed: 1 });
  assert.ok(drawn);
  const rules = [{ ...rule, types: ['*'], where: { compartment: 'care-team' as const } }];
  const compiled = compilePolicy({ ...drawn, rules }, 1, vocabulary);
  const lists = { holdings: Object.freeze([]), groups: [], organizations: [], consents: [] };
  const careTeam = ['p1'];
  const facts = { ...lists, careTeam, testTenant: false, at: 0, network: '', purpose: 'TREAT', policy: compiled };
  const scopes = Object.freeze(['system/*.rs']);
  const bare: Principal = { tenant: 1, kind: 'client', id: 'c1', scopes, view: 'full' };
  const seen = () => access.visible(entitled(bare, facts), 'Observation', 'read');
  const ofTeam = (found: ReturnType<typeof seen>) => (typeof found === 'string' ? found : found[0]?.patients);
  assert.deepEqual(ofTeam(seen()), ['p1']);
  careTeam.push('p2');
  assert.deepEqual(ofTeam(seen()), ['p1', 'p2']);
  careTeam.length = 0;
  assert.equal(seen(), 'none');
});

test('attack: a grant that is not frozen, and is over since, opens nothing', () => {
  const access = createAccess({ ...vocabulary, policies: 'on' });
  const [drawn] = fc.sample(policy, { numRuns: 1, seed: 1 });
  assert.ok(drawn);
  const rule = {
    id: 'r',
    reason: 'Tested.',
    effect: 'permit',
    who: { roles: ['rc'] },
    interactions: ['read'],
  } as const;
  const compiled = compilePolicy({ ...drawn, rules: [{ ...rule, types: ['*'] }] }, 1, vocabulary);
  const grant = { role: 'rc', kind: 'standing' as const, until: 10 };
  const lists = {
    holdings: Object.freeze([grant]),
    groups: [],
    careTeam: Object.freeze([]),
    consents: Object.freeze([]),
  };
  const facts = { ...lists, organizations: Object.freeze([]), testTenant: false, network: '', purpose: 'TREAT' };
  const bare: Principal = { tenant: 1, kind: 'client', id: 'c1', scopes: Object.freeze(['system/*.rs']), view: 'full' };
  const seen = (at: number) =>
    access.visible(entitled(bare, { ...facts, at, policy: compiled }), 'Observation', 'read');
  assert.notEqual(seen(9), 'none');
  assert.equal(seen(10), 'none');
  assert.notEqual(seen(9), 'none');
  grant.until = 5;
  assert.equal(seen(9), 'none');
});
