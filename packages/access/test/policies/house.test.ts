import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceTypes } from '@safeguard/fhir';
import { housePolicy } from '../../policies/house.ts';
import { purposesOfUse } from '../../policies/purposes.ts';
import type { RoleDefinition } from '../../policy/types.ts';

const roles: Readonly<Record<string, RoleDefinition>> = housePolicy.roles;
const clinical = ['encounters', 'problems', 'results', 'procedures', 'medications', 'care', 'notes'];

test('every type of R4 is in exactly one category', () => {
  const listed = Object.values(housePolicy.categories).flatMap(({ types }) => types);
  assert.deepEqual(listed.toSorted(), resourceTypes.toSorted());
});

test('the roles of the house are all there, each with a row of the matrix', () => {
  const wanted = [
    ...['administrator', 'auditor', 'billing', 'break-glass', 'clinician', 'developer', 'front-desk', 'operator'],
    ...['patient', 'practice-clinician', 'privacy-officer', 'proxy', 'researcher', 'security-officer', 'service'],
  ];
  assert.deepEqual(Object.keys(roles).sort(), wanted);
  assert.deepEqual(Object.keys(housePolicy.matrix).sort(), wanted);
});

test('duties that must not meet are apart from both sides', () => {
  for (const [name, { apart }] of Object.entries(roles)) {
    for (const other of apart) assert.ok(roles[other]?.apart.includes(name), `${other} is not apart from ${name}`);
  }
  const pairs = ['operator security-officer', 'operator privacy-officer', 'auditor administrator', 'developer billing'];
  for (const pair of [...pairs, 'developer clinician', 'developer break-glass']) {
    const [one = '', other = ''] = pair.split(' ');
    assert.ok(roles[one]?.apart.includes(other), pair);
  }
});

test('nobody gets ePHI without an approver, an administrator needs two', () => {
  assert.equal(roles['administrator']?.approvals, 2);
  for (const [name, { approvals, approvers, longest_days }] of Object.entries(roles)) {
    const byRelationship = ['patient', 'proxy', 'service'].includes(name);
    assert.equal(approvals === 0, byRelationship, name);
    assert.equal(approvers.length === 0, byRelationship, name);
    assert.ok(longest_days <= 365, name);
  }
});

test('operators and administrators reach nothing; who controls sees nothing clinical', () => {
  const rulesOf = (role: string) => housePolicy.rules.filter(({ who }) => who.roles?.includes(role));
  for (const role of ['operator', 'administrator']) {
    assert.deepEqual(rulesOf(role), []);
    assert.deepEqual(housePolicy.matrix[role], {});
  }
  for (const role of ['auditor', 'security-officer', 'privacy-officer', 'front-desk']) {
    for (const category of clinical)
      assert.equal(housePolicy.matrix[role]?.[category], undefined, `${role} ${category}`);
  }
});

test('every purpose is one of HL7’s, and researchers see de-identified records by every rule of theirs', () => {
  for (const { purpose } of Object.values(roles)) assert.ok(purposesOfUse.has(purpose));
  for (const { where } of housePolicy.rules)
    for (const code of where?.purposes ?? []) assert.ok(purposesOfUse.has(code));
  const wider = housePolicy.rules.filter(
    ({ who, view }) => who.roles?.includes('researcher') && view !== 'deidentified',
  );
  assert.deepEqual(wider, []);
});
