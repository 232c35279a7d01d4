import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { createPolicies } from '../../policies/policies.ts';
import { runTests } from '../../policies/tests/run.ts';
import type { Policy } from '../../policy/types.ts';
import { house, rule, startPolicies, vocabulary } from './world.ts';

let world: Awaited<ReturnType<typeof startPolicies>>;
before(async () => {
  world = await startPolicies();
});
after(() => world.close());

const without = (id: string): Policy => ({ ...house(), rules: house().rules.filter((one) => one.id !== id) });
const changed = (id: string, more: object): Policy => ({
  ...house(),
  rules: house().rules.map((one) => (one.id === id ? { ...one, ...more } : one)),
});

const patient = newId();
const hiv = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV';
const rowOf = (type: string, labels: readonly string[] = []) => ({
  type,
  row: { type, id: newId(), patients: [patient], labels, fulfils: () => true, patientFulfils: () => true },
});
const rows = [rowOf('Observation'), rowOf('Observation', [hiv]), rowOf('Condition')];

const granted: { readonly grant: string }[] = [];

/** Policies that see a sample, and a clinician on the care team of its patient. */
async function sampled() {
  const { policyDeps, people, author, approver } = world;
  for (const { grant } of granted.splice(0)) await world.grants.end(1, grant, approver.id, 'ended');
  const { account: id, grant } = await world.holder('clinician', approver.id);
  granted.push({ grant });
  people.change(id, { scopes: ['user/*.cruds'], fhir_user: `Practitioner/${newId()}` });
  const clinical = { careTeam: async () => [patient], organizations: async () => [] };
  const policies = createPolicies({ ...policyDeps, clinical, sample: async () => rows });
  const simulated = async (policy: Policy) => {
    const { version } = await policies.draft(author, { policy });
    return policies.simulate(1, version);
  };
  return { id, simulated };
}

test('what a version closes and opens, by role, type and letter, on real grants and real resources', async () => {
  const { id, simulated } = await sampled();
  const closes = await simulated(without('clinician-care-team'));
  assert.deepEqual([closes.against, closes.resources, closes.holders], [0, 3, { count: 1, all: true }]);
  const read = closes.changes.find(({ type, letter }) => type === 'Observation' && letter === 'r');
  assert.deepEqual(read, {
    ...{ change: 'closes', role: 'clinician', type: 'Observation', letter: 'r', people: 1, resources: 1 },
    examples: [{ holder: id, resource: rows[0]?.row.id }],
  });
  assert.ok(closes.changes.every(({ change }) => change === 'closes'));
  const opens = await simulated(changed('clinician-care-team', { opens: ['hiv'] }));
  assert.deepEqual(
    opens.changes.map(({ change, type, letter, resources }) => [change, type, letter, resources]),
    ['r', 'u', 's'].map((letter) => ['opens', 'Observation', letter, 1]),
  );
  assert.equal(opens.changes[0]?.examples[0]?.resource, rows[1]?.row.id);
  assert.deepEqual((await simulated(house())).changes, []);
});

test('a narrower view is told as one', async () => {
  const { simulated } = await sampled();
  const rules = house().rules.map((one) =>
    one.who.roles?.includes('clinician') === true ? { ...one, interactions: ['read', 'search'], view: 'limited' } : one,
  );
  const { changes } = await simulated({ ...house(), rules } as Policy);
  const view = changes.find(
    ({ change, type, letter }) => change === 'view' && type === 'Observation' && letter === 'r',
  );
  assert.deepEqual([view?.from, view?.to], ['full', 'limited']);
  assert.ok(changes.some(({ change, letter }) => change === 'closes' && letter === 'c'));
});

test('tests of a policy are asked of it alone', () => {
  const asked = (policy: Policy, test: object) =>
    runTests(
      policy,
      [{ role: 'clinician', interaction: 'read', type: 'Observation', expected: 'permit', ...test }],
      vocabulary,
    )
      .map(({ holds }) => holds)
      .join();
  assert.equal(asked(house(), {}), 'true');
  assert.equal(asked(house(), { theirs: false, expected: 'deny' }), 'true');
  assert.equal(asked(house(), { labels: [hiv], expected: 'deny' }), 'true');
  assert.equal(asked(house(), { interaction: 'delete', expected: 'deny' }), 'true');
  assert.equal(asked(house(), { role: 'patient' }), 'true');
  assert.equal(asked(house(), { role: 'patient', labels: [hiv] }), 'true');
  assert.equal(asked(house(), { role: 'proxy', labels: [hiv], expected: 'deny' }), 'true');
  assert.equal(asked(house(), { role: 'patient', theirs: false, expected: 'deny' }), 'true');
  assert.equal(asked(house(), { role: 'break-glass', labels: [hiv] }), 'true');
  assert.equal(asked(house(), { role: 'break-glass', purpose: 'TREAT' }), 'true');
  assert.equal(asked(house(), { role: 'break-glass', theirs: false, expected: 'deny' }), 'true');
  assert.equal(asked(house(), { role: 'service', interaction: 'delete' }), 'true');
  // The control: what is true of the policy of the house is not of every policy.
  assert.equal(asked(without('clinician-care-team'), {}), 'false');
  assert.equal(
    asked({ ...house(), rules: [...house().rules, rule({ id: 'all' })] }, { theirs: false, expected: 'deny' }),
    'false',
  );
});

test('what the roles of the house reach', () => {
  const reach: readonly (readonly [role: string, permitted: string, denied: string])[] = [
    [
      'front-desk',
      'Patient Appointment Coverage Practitioner',
      'Observation Condition DocumentReference Encounter AuditEvent',
    ],
    [
      'billing',
      'Patient Condition Procedure Encounter Claim Coverage',
      'Observation DocumentReference AllergyIntolerance',
    ],
    ['researcher', 'Patient Condition Observation', 'DocumentReference Claim AuditEvent Consent'],
    ['auditor', 'AuditEvent', 'Patient Observation Consent Practitioner'],
    ['security-officer', 'AuditEvent', 'Patient Observation Consent'],
    ['privacy-officer', 'AuditEvent Consent Provenance', 'Patient Observation'],
    ['administrator', '', 'Patient Observation AuditEvent Practitioner'],
    ['operator', '', 'Patient Observation AuditEvent Practitioner'],
    [
      'clinician',
      'Patient Observation DocumentReference Practitioner Slot Medication',
      'AuditEvent Claim Subscription',
    ],
    ['patient', 'Patient Observation DocumentReference Claim Consent AuditEvent', 'Subscription'],
  ];
  for (const [role, permitted, denied] of reach) {
    const tests = [permitted, denied].flatMap((types, index) =>
      types
        .split(' ')
        .filter(Boolean)
        .map((type) => ({
          ...{
            role,
            type,
            interaction: 'read' as const,
            expected: index === 0 ? ('permit' as const) : ('deny' as const),
          },
        })),
    );
    const wrong = runTests(house(), tests, vocabulary).filter(({ holds }) => !holds);
    assert.deepEqual(
      wrong.map(({ index }) => `${role} ${tests[index]?.type}`),
      [],
    );
  }
});
