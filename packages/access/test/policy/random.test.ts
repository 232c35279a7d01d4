import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import fc from 'fast-check';
import { compilePolicy, type Decide, type DecisionTarget, entitled, shows, type Visible, viewOf } from '../../index.ts';
import { type Case, mayTouch, viewFor } from './oracle.ts';
import { access, actions, dated, factsOf, found, policy, principal, thing, views, vocabulary } from './world.ts';

const { decide, visible } = access;

const anyCase = fc
  .record({ policy, found, principal, header: fc.constantFrom(...views, ...(['full', 'full', 'full'] as const)) })
  .chain((world) =>
    fc.record({
      world: fc.constant(world),
      action: fc.constantFrom(...actions),
      things: fc.array(thing, { minLength: 3, maxLength: 3 }),
    }),
  );

/** A principal of a random world, and the oracle's questions about it. */
type Drawn = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;
function worldOf({ world, action, things }: Drawn) {
  const bare = dated(world.principal, world.found.at);
  const compiled = compilePolicy(world.policy, 1, vocabulary);
  const unviewed = { ...world.found, policy: compiled };
  const who = entitled(bare, unviewed, world.header);
  const asked = things.map((one): Case => ({ ...world, principal: who, action, thing: one }));
  return { bare, unviewed, who, asked };
}

const seed = Date.now() % 1_000_000_000;

function holds(judge: Decide, numRuns: number, from = seed): void {
  fc.assert(
    fc.property(anyCase, (drawn) => {
      const { who, asked } = worldOf(drawn);
      for (const one of asked) {
        const { type } = one.thing;
        const decision = judge(who, one.action, { type, row: factsOf(one.thing) });
        assert.equal(decision.permit, mayTouch(one), decision.reason);
        if (decision.permit) assert.equal(judge(who, one.action, { type }).permit, true);
      }
    }),
    { numRuns, seed: from },
  );
}

test('decisions on rows are those of an oracle that reads the documents by hand', (t) => {
  t.diagnostic(`seed ${seed}`);
  holds(decide, 4_000);
});

test('of the random decisions neither permits nor denials are rare', () => {
  const reasons = new Map<string, number>();
  for (const drawn of fc.sample(anyCase, { numRuns: 3_000, seed: 5 })) {
    const { who, asked } = worldOf(drawn);
    for (const { action, thing: one } of asked) {
      const { reason } = decide(who, action, { type: one.type, row: factsOf(one) });
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  const least = { policy: 500, 'no policy permits it': 800, 'forbidden by policy': 100, sensitive: 50 };
  for (const [reason, count] of Object.entries({ ...least, "patient's consent": 50, 'no scope permits it': 300 })) {
    assert.ok((reasons.get(reason) ?? 0) >= count, `${reason}: ${reasons.get(reason)}`);
  }
});

function agrees(sees: Visible, numRuns: number, from = seed): void {
  fc.assert(
    fc.property(anyCase, (drawn) => {
      const { who, asked } = worldOf(drawn);
      for (const { action, thing: one } of asked) {
        const visibility = sees(who, one.type, action);
        const row = factsOf(one);
        assert.equal(shows(visibility, row), decide(who, action, { type: one.type, row }).permit);
        assert.equal(visibility !== 'none', decide(who, action, { type: one.type }).permit);
        if (typeof visibility === 'object') assert.ok(visibility.length > 0);
      }
    }),
    { numRuns, seed: from },
  );
}

test('what is visible is what decide permits, row by row', () => agrees(visible, 3_000));

test('the view of a request is the widest that a rule opens, narrowed by client and header', () => {
  fc.assert(
    fc.property(anyCase, (drawn) => {
      const { bare, unviewed, who } = worldOf(drawn);
      const expected = viewFor({ ...drawn.world, principal: bare }, drawn.world.header);
      assert.equal(viewOf(bare, unviewed, drawn.world.header), expected);
      assert.equal(who.view, expected);
    }),
    { numRuns: 2_000, seed },
  );
});

function explains(who: Principal, action: string, target: DecisionTarget): void {
  const { decision, rules, gate, until } = access.explain(who, action, target);
  assert.deepEqual(decision, decide(who, action, target));
  if (gate === 'scope') return;
  const holding = rules.filter(({ failed }) => failed === undefined);
  const of = (effect: string) => holding.filter((one) => one.effect === effect);
  if (decision.permit) {
    const by = of('permit').find(({ rule, through }) => rule === decision.rule && through?.grant === decision.grant);
    assert.equal(by?.through?.until, until);
    assert.ok(by);
    if (target.row !== undefined) assert.deepEqual(of('forbid'), []);
  } else if (decision.reason === 'forbidden by policy') {
    assert.ok(of('forbid').some(({ rule }) => rule === decision.rule));
  } else {
    assert.deepEqual(of('permit'), [], decision.reason);
  }
}

test('an explanation tells of the rules what the decision came of', () => {
  fc.assert(
    fc.property(anyCase, (drawn) => {
      const { who, asked } = worldOf(drawn);
      for (const { action, thing: one } of asked) {
        explains(who, action, { type: one.type, row: factsOf(one) });
        explains(who, action, { type: one.type });
      }
    }),
    { numRuns: 1_500, seed },
  );
});

test('negative control: a careless decide or visible fails the same properties', () => {
  const decides: Record<string, Decide> = {
    'a forbid does not override': (who, action, target) => {
      const decision = decide(who, action, target);
      return decision.reason === 'forbidden by policy' ? { permit: true, reason: 'policy' } : decision;
    },
    'labels are not looked at': (who, action, target) =>
      decide(who, action, target?.row ? { ...target, row: { ...target.row, labels: [] } } : target),
    'consents are not asked': (who, action, target) => {
      const decision = decide(who, action, target);
      return decision.reason === "patient's consent" ? { permit: true, reason: 'policy' } : decision;
    },
    'the second gate alone': (who, action, target) =>
      decide({ ...who, scopes: ['user/*.cruds', 'system/*.cruds'] }, action, target),
    'the view forgotten': (who, action, target) => decide({ ...who, view: 'deidentified' }, action, target),
  };
  for (const [name, judge] of Object.entries(decides)) assert.throws(() => holds(judge, 6_000, 1), name);
  const sees: Record<string, Visible> = {
    'exceptions forgotten': (who, type, action) => {
      const found = visible(who, type, action);
      return typeof found === 'string' ? found : found.map(({ except, ...rest }) => rest);
    },
    'one sight alone': (who, type, action) => {
      const found = visible(who, type, action);
      return typeof found === 'string' ? found : found.slice(0, 1);
    },
  };
  for (const [name, one] of Object.entries(sees)) assert.throws(() => agrees(one, 6_000, 1), name);
});
