import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allOf, needsPatient, offerOf, putTogether, readAsked, spelled, takeApart } from '../../oauth/smart/asked.ts';
import { asSpelled, covers, givenBy } from '../../oauth/smart/decision.ts';
import { grantedBy, lettersOf, optional } from '../../oauth/smart/ticks.ts';
import { account, app, rules } from './rules.ts';

const offer = (scope: string, person = account(), client = app()) =>
  offerOf(readAsked(scope, rules), client, person, rules);

test('what is asked is sorted; what is no scope of a person is not there', () => {
  const asked = readAsked('openid fhirUser launch/patient patient/*.read system/*.rs nonsense patient/Nope.r', rules);
  assert.deepEqual(asked.fhir, ['patient/*.read']);
  assert.deepEqual(asked.identity, ['openid', 'fhirUser']);
  assert.ok(needsPatient(asked));
  assert.ok(!needsPatient(readAsked('openid user/*.rs', rules)));
  assert.deepEqual(readAsked(undefined, rules).fhir, []);
});

test('an offer is asked, of app and person at once; user rights cover a patient, never vice versa', () => {
  assert.deepEqual(offer('patient/*.cruds', account({ scopes: ['user/Observation.rs'] })).fhir, [
    'patient/Observation.rs',
  ]);
  assert.deepEqual(offer('user/*.rs', account({ kind: 'patient', scopes: ['patient/*.rs'] })).fhir, []);
  assert.deepEqual(offer('patient/*.cruds', account(), app({ scopes: ['patient/Observation.r'] })).fhir, [
    'patient/Observation.r',
  ]);
  assert.deepEqual(offer('patient/*.rs', account(), app({ state: 'pending' })).fhir, []);
});

test('product scopes are for administrators whose app may have them, launches for the workforce', () => {
  const scope = 'openid safeguard/accounts safeguard/launch';
  const client = app({ scopes: ['safeguard/accounts', 'safeguard/launch'] });
  const administrator = account({ roles: ['administrator'] });
  assert.deepEqual(offer(scope, administrator, client).product, ['safeguard/accounts', 'safeguard/launch']);
  assert.deepEqual(offer(scope, account(), client).product, ['safeguard/launch']);
  assert.deepEqual(offer(scope, account({ kind: 'patient' }), client).product, []);
  assert.deepEqual(offer(scope, administrator, app()).product, []);
});

test('scopes are answered as the app spells them', () => {
  assert.deepEqual(spelled(['patient/*.rs'], ['patient/*.read'], rules), ['patient/*.read']);
  assert.deepEqual(spelled(['patient/*.cruds'], ['patient/*.read', 'patient/*.write'], rules), [
    'patient/*.read',
    'patient/*.write',
  ]);
  assert.deepEqual(spelled(['patient/*.crs'], ['patient/*.read', 'patient/*.write'], rules), [
    'patient/*.read',
    'patient/*.c',
  ]);
  assert.deepEqual(spelled(['patient/Observation.rs'], ['patient/*.read'], rules), ['patient/Observation.read']);
  assert.deepEqual(spelled(['patient/Observation.rs'], ['patient/*.rs'], rules), ['patient/Observation.rs']);
  assert.deepEqual(spelled(['patient/*.r'], ['patient/*.read'], rules), ['patient/*.r']);
});

const anyLetters = fc.subarray([...'cruds'], { minLength: 1 }).map((letters) => letters.join(''));
const anyFhir = fc
  .tuple(
    fc.constantFrom('patient', 'user'),
    fc.constantFrom('*', 'Observation', 'Condition', 'Patient'),
    fc.oneof(anyLetters, fc.constantFrom('read', 'write', '*')),
    fc.constantFrom('', '', '?category=laboratory', '?status=final&code=a|b'),
  )
  .map(([context, type, letters, parameters]) => `${context}/${type}.${letters}${parameters}`);
const several = fc.array(anyFhir, { minLength: 1, maxLength: 5 });

test('spelling says neither more nor less than what was granted', () => {
  fc.assert(
    fc.property(several, several, (asked, granted) => {
      const given = rules.intersect(asked, granted);
      const said = spelled(given, asked, rules);
      for (const scope of said) assert.ok(rules.narrows(scope, given), `${scope} of ${given}`);
      for (const scope of given) assert.ok(rules.narrows(scope, said), `${scope} not in ${said}`);
    }),
    { numRuns: 2000, seed: 4 },
  );
});

test('a scope of an offer comes apart and together', () => {
  fc.assert(
    fc.property(several, (asked) => {
      for (const scope of rules.intersect(asked, asked)) assert.equal(putTogether(takeApart(scope)), scope);
    }),
    { numRuns: 1000, seed: 4 },
  );
});

const fieldsOf = (given: ReturnType<typeof offer>) => ({
  kinds: given.fhir,
  letters: given.fhir.flatMap((scope) => lettersOf(takeApart(scope)).map((each) => each.scope)),
  others: optional(given),
});

/** Whatever form comes: it is refused, or gives nothing that was not asked and may not be. */
function neverMore(judge: typeof grantedBy): void {
  const asked = 'openid fhirUser offline_access patient/Observation.rs patient/Condition.rs';
  const given = offer(asked, account({ scopes: ['user/Observation.cruds', 'user/Condition.r'] }));
  const known = fieldsOf(given);
  const forged = ['patient/*.cruds', 'patient/Observation.c', 'user/*.r', 'safeguard/accounts', 'system/*.rs', 'x'];
  const field = (own: readonly string[]) => fc.array(fc.constantFrom(...own, ...forged), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.record({ kinds: field(known.kinds), letters: field(known.letters), others: field(known.others) }),
      (ticks) => {
        const clean = [...ticks.kinds, ...ticks.letters, ...ticks.others].every((each) => !forged.includes(each));
        let granted: string[];
        try {
          granted = judge(ticks, given);
        } catch {
          assert.ok(!clean);
          return;
        }
        assert.ok(clean);
        for (const scope of granted)
          assert.ok(allOf(given).includes(scope) || rules.narrows(scope, given.fhir), `${scope} was never offered`);
      },
    ),
    { numRuns: 1000, seed: 7 },
  );
}

test('a consent form gives what was offered and ticked; negative control: one that believes its fields', () => {
  neverMore(grantedBy);
  assert.throws(() => neverMore((ticks) => [...ticks.kinds, ...ticks.letters, ...ticks.others]));
});

test('ticks narrow by kind and by letter; what names nobody stays', () => {
  const given = offer('openid launch/patient fhirUser patient/Observation.rs patient/Condition.rs');
  const all = fieldsOf(given);
  assert.deepEqual(grantedBy(all, given).sort(), allOf(given).sort());
  const less = {
    kinds: ['patient/Observation.rs'],
    letters: ['patient/Observation.r', 'patient/Condition.s'],
    others: [],
  };
  assert.deepEqual(grantedBy(less, given), ['openid', 'launch/patient', 'patient/Observation.r']);
});

test('a decision holds for the same and for less, never for more; it never gives more than may be given now', () => {
  const first = offer('openid patient/Observation.rs patient/Condition.rs');
  const decision = { asked: allOf(first), granted: ['openid', 'patient/Observation.r'] };
  assert.ok(covers(decision, offer('openid patient/Condition.r'), rules));
  assert.ok(!covers(decision, offer('openid patient/Condition.rsc'.replace('rsc', 'crs')), rules));
  assert.ok(!covers(decision, offer('openid offline_access patient/Condition.r'), rules));
  assert.deepEqual(givenBy(decision.granted, first, rules), ['openid', 'patient/Observation.r']);
  const lost = offer('openid patient/Observation.rs', account({ scopes: ['user/Condition.rs'] }));
  assert.deepEqual(givenBy(decision.granted, lost, rules), ['openid']);
  assert.deepEqual(asSpelled(['openid', 'patient/Observation.rs'], ['patient/Observation.read'], rules), [
    'openid',
    'patient/Observation.read',
  ]);
});
