import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext } from '../context.ts';
import { type Constraint, constraintPaths, constraintsAt, typeDefinition } from '../definitions.ts';
import { compilePath } from '../fhirpath/index.ts';
import { elsewhere, fast } from '../invariants/fast.ts';
import { byPath, invariantsAt } from '../invariants/index.ts';
import { isObject } from '../object.ts';
import { checkResource } from '../resource.ts';
import { createRandom, randomObject } from './invariant-random.ts';

const all = constraintPaths().flatMap((path) => constraintsAt(path).filter((one) => one.path === path));

test('every constraint of R4 compiles, and what is written by hand is one of them', () => {
  const errors = new Set(all.filter(({ severity }) => severity === 'error').map(({ key }) => key));
  assert.ok(errors.size >= 195, `${errors.size}`);
  for (const { expression } of all) compilePath(expression);
  for (const key of [...fast.keys(), ...elsewhere])
    assert.ok(
      all.some((one) => one.key === key),
      key,
    );
  const byHand = [...fast.keys(), ...elsewhere].filter((key) => errors.has(key)).length;
  process.stderr.write(`${errors.size} keys of errors, ${byHand} of them by hand\n`);
});

/** The type of the value that a constraint looks at. */
function typeAt({ path, key }: Constraint): string {
  if (typeDefinition(path)) return path;
  const stated: Record<string, string> = { 'org-2': 'Address', 'org-3': 'ContactPoint', 'sqty-1': 'Quantity' };
  return stated[key] ?? '';
}

/**
 * Where the two differ on purpose. tim-9: several events; tim-4, tim-5: an empty value is none; que-7: R4's expression
 * names a type that does not exist.
 */
const differs = (key: string, value: Record<string, unknown>): boolean =>
  (key === 'tim-9' && Array.isArray(value['when']) && value['when'].length > 1) || key === 'que-7';

const rounds = 400;
for (const key of fast.keys()) {
  const constraint = all.find((one) => one.key === key);
  if (!constraint || typeAt(constraint) === '') continue;
  test(`${key} by hand says what its FHIRPath says`, () => {
    const type = typeAt(constraint);
    const path = byPath(constraint, type);
    const hand = invariantsAt(constraint.path, type).find((one) => one.key === key);
    assert.ok(hand);
    const random = createRandom(key.length * 7919 + (key.codePointAt(0) ?? 0));
    const outcomes = { true: 0, false: 0 };
    for (let round = 0; round < rounds; round++) {
      const value = randomObject(type, random, type === 'Observation' ? 3 : 2);
      const isResource = typeDefinition(type)?.kind === 'resource';
      if (isResource) value['resourceType'] = type;
      const context = createContext(type, { warnings: true }, checkResource);
      context.resource = value;
      context.root = value;
      if (!isObject(value) || differs(key, value)) continue;
      const expected = path(value, context);
      outcomes[`${expected}`] += 1;
      assert.equal(hand.holds(value, context), expected, JSON.stringify(value));
    }
    if (!['que-7', 'csd-1', 'que-2', 'dom-3', 'dom-6', 'obs-7', 'ctm-1', 'ig-1'].includes(key)) {
      assert.ok(outcomes.true > 0 && outcomes.false > 0, JSON.stringify(outcomes));
    }
  });
}
