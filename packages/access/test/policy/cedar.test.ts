import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decide } from '../../index.ts';
import { compareWithCedar } from './cedar.ts';
import { access } from './world.ts';

/** The whole million: `node packages/access/test/policy/cedar-main.ts --decisions 1000000 --seed …`. */
const decisions = 20_000;
const seed = Date.now() % 1_000_000_000;
const { decide } = access;

test('random decisions agree with the same policies in Cedar', (t) => {
  const { differs, policies, permits, denials } = compareWithCedar({ decisions, seed, decide, by_policy: 500 });
  t.diagnostic(`seed ${seed}, ${policies} policies, ${permits} permits, ${JSON.stringify(denials)}`);
  assert.equal(differs && JSON.stringify(differs), undefined);
  assert.ok(permits > decisions / 50, 'what permits nothing agrees with anything');
});

test('negative control: a decide that is wrong in one thing is found out within a few thousand', () => {
  const overlooking =
    (reason: string): Decide =>
    (who, action, target) => {
      const decision = decide(who, action, target);
      return decision.reason === reason ? { permit: true, reason: 'policy' } : decision;
    };
  const wrong: Record<string, Decide> = {
    'a forbid does not override': overlooking('forbidden by policy'),
    'sensitive labels are not looked at': overlooking('sensitive'),
    'a consent is not asked': overlooking("patient's consent"),
    'what the rules want of the row is not asked': ({ ...who }, action, target) =>
      decide(who, action, target?.type ? { type: target.type } : target),
    'creating is reading': (who, action, target) => decide(who, action === 'create' ? 'read' : action, target),
  };
  for (const [name, judge] of Object.entries(wrong)) {
    assert.ok(compareWithCedar({ decisions: 5_000, seed: 7, decide: judge, by_policy: 200 }).differs, name);
  }
});
