import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, RequestEvent } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import type { Records } from '@safeguard/records';
import { patientPort } from '../patients.ts';

const principal: Principal = { tenant: 7, kind: 'user', id: newId(), scopes: ['user/*.rs'], view: 'full' };
const patient = newId();

const portOf = (answer: () => Promise<{ id: string; label: string }[]>, append?: () => Promise<never>) => {
  const events: RequestEvent[] = [];
  const asked: unknown[] = [];
  const encounters = (...args: unknown[]) => {
    asked.push(args);
    return answer();
  };
  const ledger = {
    append:
      append ??
      (async (_tenant: number, added: readonly RequestEvent[]) => {
        events.push(...added);
        return [];
      }),
  };
  const records = { patients: { encounters } } as unknown as Records;
  const entitle = (given: Principal): Principal => given;
  return { port: patientPort({ ledger: ledger as never, records: () => records, entitle }), events, asked };
};

test('visits to choose from: the ledger has those that are shown, and who looked', async () => {
  const visit = { id: newId(), label: 'Ambulatory' };
  const { port, events, asked } = portOf(async () => [visit]);
  assert.deepEqual(await port.encounters?.(principal, patient), [visit]);
  assert.deepEqual(asked, [[principal, patient, { count: 20 }]]);
  const [event] = events;
  assert.deepEqual(
    [event?.action, event?.outcome, event?.actor, event?.tenant, event?.targets],
    ['patient-pick', 'permit', principal.id, 7, [{ type: 'Encounter', id: visit.id }]],
  );
});

test('a refused look at visits is in the ledger too; where the ledger cannot be written nothing is shown', async () => {
  const refused = portOf(() => Promise.reject(fault('forbidden', 'Access denied')));
  await assert.rejects(async () => refused.port.encounters?.(principal, patient), { kind: 'forbidden' });
  assert.deepEqual(
    refused.events.map(({ outcome, status, targets }) => [outcome, status, targets]),
    [['deny', 403, []]],
  );
  const lost = portOf(
    async () => [{ id: newId(), label: 'Ambulatory' }],
    () => Promise.reject(fault('unavailable', 'No ledger')),
  );
  await assert.rejects(async () => lost.port.encounters?.(principal, patient), { kind: 'unavailable' });
});
