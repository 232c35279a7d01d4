import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { permissionInteractions, type Visible } from '../index.ts';
import { maySee, type Thing } from './oracle.ts';
import { access, anyPrincipal, anyScope, client, goodScope, lettersByAction, patients, user } from './world.ts';

const { decide, visible, sharedTypes } = access;
const { mine: patient, other } = patients;

test('what is visible follows the scope of the step, then the compartment', () => {
  assert.equal(visible(client(['system/Patient.s']), 'Patient'), 'all');
  assert.equal(visible(client(['system/Patient.r']), 'Patient'), 'none');
  assert.equal(visible(client(['system/Patient.r']), 'Patient', 'read'), 'all');
  assert.equal(visible(client(['system/Patient.rs']), 'Observation'), 'none');
  assert.deepEqual(visible(client(['system/*.rs'], { patient }), 'Observation'), [{ patients: [patient] }]);
  assert.equal(visible(client(['system/Patient.rs'], { patient }), 'Observation'), 'none');
  assert.equal(visible(client(['system/*.rs'], { tenant: 0 }), 'Patient'), 'none');
});

test('a person sees by user/ what bounds them, by patient/ the one in context, by both both', () => {
  const scopes = ['user/Observation.rs?category=a', 'patient/Observation.s', 'user/Condition.rs'];
  assert.equal(visible(user(scopes), 'Condition'), 'all');
  assert.deepEqual(visible(user(scopes), 'Observation'), [{ query: 'category=a' }]);
  assert.deepEqual(visible(user(scopes, { patient }), 'Observation'), [
    { query: 'category=a' },
    { patients: [patient] },
  ]);
  const within = [patient, other];
  assert.deepEqual(visible(user(scopes, { patient, within }), 'Observation'), [
    { patients: within, query: 'category=a' },
    { patients: [patient] },
  ]);
  assert.deepEqual(visible(user(scopes, { patient, within }), 'Condition'), [{ patients: within }]);
  assert.deepEqual(visible(user([...scopes, 'user/*.s'], { patient, within }), 'Observation'), [{ patients: within }]);
  assert.equal(visible(user(scopes, { patient, within: [] }), 'Observation'), 'none');
});

test('restrictions by one parameter are one query; others stay apart', () => {
  const scopes = ['user/Observation.rs?category=b', 'user/Observation.s?category=a,c', 'user/*.s?_tag=x'];
  assert.deepEqual(visible(user(scopes), 'Observation'), [{ query: '_tag=x' }, { query: 'category=a,b,c' }]);
  assert.deepEqual(visible(user(scopes), 'Observation', 'read'), [{ query: 'category=b' }]);
  assert.deepEqual(visible(user(scopes), 'Patient'), [{ query: '_tag=x' }]);
});

const values = fc.subarray(['a', 'b']);
const things: fc.Arbitrary<Thing> = fc.record({
  type: fc.constantFrom('Patient', 'Observation', 'Condition'),
  of: fc.subarray([patient, other, patients.third], { minLength: 1 }),
  values: fc.record({
    category: values,
    code: fc.subarray(['1', '2']),
    _tag: fc.subarray(['x', 'y']),
    _security: fc.subarray(['N', 'R']),
    gender: fc.subarray(['female']),
  }),
});

/** The sights as the package gives them, judged by hand. */
function shown(judge: Visible, principal: Parameters<Visible>[0], action: string, thing: Thing): boolean {
  const sight = judge(principal, thing.type, action);
  if (typeof sight === 'string') return sight === 'all';
  assert.ok(sight.length > 0);
  return sight.some(({ patients: whose, query }) => {
    const near = whose === undefined || thing.of.some((one) => whose.includes(one));
    const pairs = [...new URLSearchParams(query)];
    const fits = pairs.every(([name, any]) =>
      any.split(',').some((value) => (thing.values as Record<string, string[]>)[name]?.includes(value)),
    );
    return near && fits;
  });
}

function holdsOracle(judge: Visible): void {
  const scopes = fc.array(fc.oneof(goodScope, goodScope, anyScope), { maxLength: 4 });
  const asked = scopes.chain((list) =>
    fc.tuple(anyPrincipal(list), fc.constantFrom(...Object.keys(lettersByAction)), things),
  );
  fc.assert(
    fc.property(asked, ([principal, action, thing]) => {
      assert.equal(shown(judge, principal, action, thing), maySee(principal, `${lettersByAction[action]}`, thing));
    }),
    { numRuns: 20_000, seed: 11 },
  );
}

test('sights show what an oracle shows that reads the scopes by hand', () => holdsOracle(visible));

test('negative control: careless sights fail the same property', () => {
  const careless: Record<string, Visible> = {
    'the bound of a person forgotten': ({ within, ...principal }, type, action) => visible(principal, type, action),
    'restrictions forgotten': (principal, type, action) => {
      const sight = visible(principal, type, action);
      return typeof sight === 'string' ? sight : sight.map(({ query, ...rest }) => rest);
    },
    'the patient in context forgotten': (principal, type, action) => {
      const sight = visible(principal, type, action);
      return typeof sight === 'string' ? sight : sight.map(({ patients: whose, ...rest }) => rest);
    },
    'one of the sights alone': (principal, type, action) => {
      const sight = visible(principal, type, action);
      return typeof sight === 'string' ? sight : sight.slice(0, 1);
    },
    'the letter of a search for every step': (principal, type) => visible(principal, type),
  };
  for (const [name, judge] of Object.entries(careless)) assert.throws(() => holdsOracle(judge), name);
});

test('no shared type is one that R4 puts into a patient compartment', async () => {
  const { patientCompartment } = await import('@safeguard/fhir');
  for (const type of sharedTypes) assert.equal(patientCompartment(type), undefined, type);
});

test('what takes a permission is denied without it, whatever the scopes, and without the letter', () => {
  for (const [action, { permission, letter }] of permissionInteractions) {
    const target = { type: 'Patient' };
    const may = (scope: string, permissions?: readonly string[]): boolean =>
      decide(client([scope], permissions ? { permissions } : {}), action, target).permit;
    assert.equal(may('system/*.cruds'), false, action);
    assert.equal(may('system/*.cruds', ['something']), false, action);
    assert.equal(may('system/*.cruds', [permission]), true, action);
    assert.equal(may(`system/*.${letter}`, [permission]), true, action);
    assert.equal(may('system/*.r', [permission]), false, action);
  }
});
