import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { createAccess, type Decide, operatorActions } from '../index.ts';
import { mayAct } from './oracle.ts';
import { anyAction, anyScope, anyType, client, goodScope, lettersByAction, types } from './world.ts';

const { decide, guard, narrows } = createAccess({ types });

function holdsOracle(judge: Decide): void {
  const asked = fc.tuple(fc.array(fc.oneof(goodScope, anyScope), { maxLength: 3 }), anyAction, anyType);
  fc.assert(
    fc.property(asked, ([scopes, action, type]) => {
      const principal = client(scopes);
      const target = type === undefined ? {} : { type };
      assert.equal(judge(principal, action, target).permit, mayAct(principal, action, type));
    }),
    { numRuns: 10_000, seed: 20261122 },
  );
}

test('nothing is permitted that no scope permits, and everything that one does', () => holdsOracle(decide));

test('negative control: a careless decide fails the same property', () => {
  const careless: Record<string, Decide> = {
    'history of a type counted as reading': (principal, action, target) =>
      decide(principal, action === 'history-type' ? 'read' : action, target),
    'unknown types fall under the wildcard': (principal, action, target) =>
      decide(principal, action, types.has(target?.type ?? '') ? target : { type: 'Group' }),
    'patch forgotten: taken for a read': (principal, action, target) =>
      decide(principal, action === 'patch' ? 'read' : action, target),
    'default permit': (principal, action, target) => {
      const decision = decide(principal, action, target);
      return decision.reason === 'unknown action' ? { ...decision, permit: true } : decision;
    },
  };
  for (const [name, judge] of Object.entries(careless)) assert.throws(() => holdsOracle(judge), name);
});

test('narrowing never adds rights, and dropping a scope never does', () => {
  const lists = fc.tuple(fc.array(goodScope, { minLength: 1, maxLength: 4 }), goodScope, anyAction, anyType);
  fc.assert(
    fc.property(lists, ([granted, asked, action, type]) => {
      const target = type === undefined ? {} : { type };
      const before = decide(client(granted), action, target).permit;
      if (narrows(asked, granted)) assert.ok(before || !decide(client([asked]), action, target).permit);
      assert.ok(before || !decide(client(granted.slice(1)), action, target).permit);
    }),
    { numRuns: 4000, seed: 7 },
  );
});

test('whoever is no client of a tenant is denied everything but the public', () => {
  const strangers: Principal[] = [
    client(['system/*.cruds'], { kind: 'anonymous' }),
    client(['system/*.cruds'], { tenant: 0 }),
    client(['system/*.cruds'], { tenant: Number.NaN }),
    client(['system/*.cruds'], { kind: 'operator' }),
    client([]),
    client(['user/*.cruds', 'patient/*.cruds', 'openid', 'system/*']),
  ];
  for (const principal of strangers) {
    for (const action of [...Object.keys(lettersByAction), 'search-system', 'transaction', 'batch']) {
      assert.equal(decide(principal, action, { type: 'Patient' }).permit, false, `${principal.kind} ${action}`);
    }
    assert.equal(decide(principal, 'capabilities').permit, true);
  }
});

test('operator actions: the operator only, on their own type only', () => {
  for (const [action, type] of operatorActions) {
    assert.equal(decide(client([], { kind: 'operator', tenant: 0 }), action, { type }).permit, true);
    assert.equal(decide(client([], { kind: 'operator', tenant: 0 }), action, { type: 'Patient' }).permit, false);
    assert.equal(decide(client(['system/*.cruds']), action, { type }).permit, false);
    assert.equal(decide(client([], { kind: 'anonymous' }), action, { type }).permit, false);
  }
});

test('an envelope needs a scope, and a decision names the rule', () => {
  assert.deepEqual(decide(client(['system/Patient.read']), 'search-type', { type: 'Patient' }), {
    permit: true,
    reason: 'scope',
    rule: 'system/Patient.rs',
  });
  assert.equal(decide(client(['system/Patient.r']), 'transaction').reason, 'each entry is decided on its own');
  assert.equal(decide(client(['system/Foo.r']), 'transaction').reason, 'no scopes');
});

test('a list that can change is compiled anew: taking a scope out takes effect', () => {
  const scopes = ['system/Patient.r'];
  const principal: Principal = { ...client([]), scopes };
  assert.equal(decide(principal, 'read', { type: 'Patient' }).permit, true);
  scopes.pop();
  assert.equal(decide(principal, 'read', { type: 'Patient' }).permit, false);
});

test('guard throws forbidden in fixed words that hold nothing of the request', () => {
  const secret = 'Zaphod';
  assert.doesNotThrow(() => guard(client(['system/*.r']), 'read', { type: 'Patient' }));
  assert.throws(
    () => guard(client(['system/*.r'], { id: secret }), secret, { type: secret }),
    (error) => isFault(error) && error.kind === 'forbidden' && !error.message.includes(secret),
  );
});

test('a decision costs well under 2 microseconds', () => {
  const principal = client(['system/Patient.rs', 'system/Observation.cruds', 'system/*.r']);
  const target = { type: 'Observation' };
  for (let warm = 0; warm < 20_000; warm++) decide(principal, 'create', target);
  const start = process.cpuUsage();
  for (let round = 0; round < 500_000; round++) decide(principal, 'create', target);
  const { user, system } = process.cpuUsage(start);
  assert.ok((user + system) / 500_000 < 2, `${(user + system) / 500_000} microseconds a decision`);
});
