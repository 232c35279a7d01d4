import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccess, permissionInteractions } from '../index.ts';
import { client, types } from './world.ts';

const { decide, visible, sharedTypes } = createAccess({ types });
const patient = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';

test('what is visible follows the scope of the step, then the compartment', () => {
  assert.equal(visible(client(['system/Patient.s']), 'Patient'), 'all');
  assert.equal(visible(client(['system/Patient.r']), 'Patient'), 'none');
  assert.equal(visible(client(['system/Patient.r']), 'Patient', 'read'), 'all');
  assert.equal(visible(client(['system/Patient.rs']), 'Observation'), 'none');
  assert.deepEqual(visible(client(['system/*.rs'], { patient }), 'Observation'), { patients: [patient] });
  assert.equal(visible(client(['system/Patient.rs'], { patient }), 'Observation'), 'none');
  assert.equal(visible(client(['system/*.rs'], { tenant: 0 }), 'Patient'), 'none');
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
