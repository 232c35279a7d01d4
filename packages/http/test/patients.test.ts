import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naming, patientsOf, type RequestEvent, type Target } from '../index.ts';

const event = (targets: readonly Target[]): RequestEvent => ({
  ...{ id: 'e', at: 1, kind: 'request', tenant: 7, actor: 'a', view: 'full' },
  ...{ action: 'read', outcome: 'permit', status: 200, from: '127.0.0.1' },
  targets,
});

test('an event names the patients beside those that are targets themselves, each once', () => {
  const targets = [
    { type: 'Patient', id: 'one' },
    { type: 'Observation', id: 'x' },
  ];
  assert.deepEqual(naming(event(targets), ['one', 'two', 'two']).patients, ['two']);
  assert.equal('patients' in naming(event(targets), ['one']), false);
  assert.equal('patients' in naming(event(targets)), false);
  assert.deepEqual(patientsOf(naming(event(targets), ['one', 'two'])).sort(), ['one', 'two']);
  assert.deepEqual(patientsOf(event([{ type: 'Observation', id: 'x' }])), []);
});
