import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { decrypt } from '../cipher.ts';
import { commitment, newKey, unwrapKey, unwrapUnder, type WrapContext, wrapKey, wrapUnder } from '../wrap.ts';

const under = newKey();
const at: WrapContext = { tenant: 1, segment: 'clinical', owner: randomUUID(), purpose: 'data', id: 9, version: 2 };

test('a wrapped key opens in its own place only', () => {
  const key = newKey();
  const wrapped = wrapKey(under, at, key);
  assert.ok(unwrapKey(under, at, wrapped).equals(key));
  const changes: Partial<WrapContext>[] = [
    { tenant: 2 },
    { segment: 'identity' },
    { segment: 'ledger' },
    { owner: randomUUID() },
    { purpose: 'index' },
    { id: 8 },
    { version: 1 },
  ];
  for (const change of changes) assert.throws(() => unwrapKey(under, { ...at, ...change }, wrapped));
  assert.throws(() => unwrapKey(newKey(), at, wrapped), 'another tenant key');
});

test('swapped wrapped keys are refused; a variant without associated data takes them', () => {
  const [a, b] = [newKey(), newKey()];
  const other = { ...at, owner: randomUUID(), id: 10 };
  const rows = [wrapKey(under, at, a), wrapKey(under, other, b)] as const;
  assert.throws(() => unwrapKey(under, at, rows[1]));
  assert.throws(() => unwrapKey(under, other, rows[0]));
  const none = Buffer.alloc(0);
  const careless = [wrapUnder(under, none, a), wrapUnder(under, none, b)] as const;
  assert.ok(unwrapUnder(under, none, careless[1]).equals(b), 'negative control');
});

test('the commitment ties a row to one key; a variant that does not look takes any', () => {
  const [a, b] = [newKey(), newKey()];
  const none = Buffer.alloc(0);
  const forged = Buffer.concat([wrapUnder(under, none, a).subarray(0, 60), commitment(b)]);
  assert.throws(() => unwrapUnder(under, none, forged), /commitment/);
  assert.equal(decrypt(under, none, forged.subarray(0, 60)).length, 32, 'negative control');
  assert.notDeepEqual(commitment(a), commitment(b));
});

test('any flipped bit and any cut is refused', () => {
  const wrapped = wrapKey(under, at, newKey());
  for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
    const bad = Buffer.from(wrapped);
    bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    assert.throws(() => unwrapKey(under, at, bad), `bit ${bit}`);
  }
  for (let length = 0; length < wrapped.length; length += 1)
    assert.throws(() => unwrapKey(under, at, wrapped.subarray(0, length)));
});
