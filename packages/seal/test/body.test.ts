import assert from 'node:assert/strict';
import { createDecipheriv, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { bind, openBody, sealBody } from '../body.ts';
import { decrypt, encrypt } from '../cipher.ts';
import { compress, decompress } from '../compress.ts';
import { holdDataKey, revokeDataKey, secretOf } from '../data-key.ts';
import { frame } from '../frame.ts';
import type { Binding, SealSegment } from '../index.ts';

const raw = randomBytes(32);
const at = { tenant: 7, segment: 'clinical' as SealSegment };
const owner = randomUUID();
const key = holdDataKey(at, 41, owner, createSecretKey(raw));
const binding: Binding = { resource: randomUUID(), version: 3, purpose: 'body' };
const text = (length: number): Buffer =>
  Buffer.from('{"resourceType":"Observation","value":'.repeat(200)).subarray(0, length);

const refused = (act: () => unknown): boolean => {
  try {
    act();
    return false;
  } catch (error) {
    assert.ok(isFault(error) && error.kind === 'internal', String(error));
    assert.equal(error.message, 'stored data could not be opened');
    return true;
  }
};

test('what was sealed opens to the same bytes, at every length, compressed or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6000 }), fc.nat(6000), (noise, length) => {
      for (const plain of [Buffer.from(noise), text(length)])
        assert.deepEqual(openBody(at, key, binding, sealBody(at, key, binding, plain)), plain);
    }),
    { numRuns: 200 },
  );
});

test('a body adds 30 bytes; one over 1 KB is compressed, incompressible bytes are not', () => {
  assert.equal(sealBody(at, key, binding, text(900)).length, 930);
  assert.ok(sealBody(at, key, binding, text(3000)).length < 500);
  assert.equal(sealBody(at, key, binding, randomBytes(3000)).length, 3030);
});

test('tags cut to 4, 8, 12 or 15 bytes are refused; Node without authTagLength accepts them', () => {
  const plain = text(500);
  const sealed = sealBody(at, key, binding, plain);
  const aad = bind(secretOf(key, at).prefix, binding, 0);
  const careless = (cut: Buffer, tag: Buffer): Buffer => {
    const options: object = {};
    const decipher = createDecipheriv('aes-256-gcm', raw, sealed.subarray(2, 14), options);
    decipher.setAAD(aad);
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(cut), decipher.final()]);
  };
  for (const length of [4, 8, 12, 15]) {
    const cut = sealed.subarray(0, sealed.length - 16 + length);
    assert.ok(
      refused(() => openBody(at, key, binding, cut)),
      `tag of ${length} bytes`,
    );
    const body = sealed.subarray(14, sealed.length - 16);
    assert.deepEqual(careless(body, cut.subarray(-length)), plain, `negative control, ${length} bytes`);
  }
  for (let length = 0; length < 46; length += 1)
    assert.ok(refused(() => openBody(at, key, binding, sealed.subarray(0, length))));
});

test('every field of the associated data is bound', () => {
  const plain = text(400);
  const sealed = sealBody(at, key, binding, plain);
  const other = (change: { tenant?: number; segment?: SealSegment; id?: number; owner?: string }) => {
    const place = { tenant: change.tenant ?? at.tenant, segment: change.segment ?? at.segment };
    return { place, key: holdDataKey(place, change.id ?? 41, change.owner ?? owner, createSecretKey(raw)) };
  };
  // The key bytes are the right ones in each case: only the binding differs.
  for (const change of [{ tenant: 8 }, { segment: 'identity' as const }, { id: 42 }, { owner: randomUUID() }]) {
    const wrong = other(change);
    assert.ok(
      refused(() => openBody(wrong.place, wrong.key, binding, sealed)),
      inspect(change),
    );
  }
  for (const change of [{ resource: randomUUID() }, { version: 2 }, { version: 4 }, { purpose: 'intent' }])
    assert.ok(
      refused(() => openBody(at, key, { ...binding, ...change }, sealed)),
      inspect(change),
    );
  const right = other({});
  assert.deepEqual(openBody(right.place, right.key, binding, sealed), plain, 'negative control: nothing changed');
});

test('a variant that does not bind opens a swapped body: the test above can fail', () => {
  const secret = createSecretKey(raw);
  const none = Buffer.alloc(0);
  assert.deepEqual(decrypt(secret, none, encrypt(secret, none, none, text(50))), text(50));
});

test('a rolled-back version is refused', () => {
  const old = sealBody(at, key, { ...binding, version: 1 }, text(100));
  assert.ok(refused(() => openBody(at, key, { ...binding, version: 2 }, old)));
});

test('the fast encoding of the binding is the framed one, and frames are unambiguous', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.maxSafeNat(),
      fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
      (id, version, purpose) => {
        const prefix = frame(['x']);
        const slow = Buffer.concat([prefix, frame([id, version, purpose, Buffer.from([1])])]);
        assert.deepEqual(bind(prefix, { resource: id, version, purpose }, 1), slow);
      },
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 4 }), fc.array(fc.string(), { maxLength: 4 }), (a, b) => {
      assert.equal(frame(a).equals(frame(b)), JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test('any flipped bit is found', () => {
  const sealed = [sealBody(at, key, binding, text(300)), sealBody(at, key, binding, text(3000))];
  for (const good of sealed)
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.ok(
        refused(() => openBody(at, key, binding, bad)),
        `bit ${bit}`,
      );
    }
});

test('a key of another owner, tenant or segment opens nothing', () => {
  const sealed = sealBody(at, key, binding, text(100));
  const foreign = holdDataKey(at, 41, owner, createSecretKey(randomBytes(32)));
  assert.ok(refused(() => openBody(at, foreign, binding, sealed)));
  for (const place of [
    { ...at, tenant: 8 },
    { ...at, segment: 'identity' as const },
  ]) {
    assert.ok(refused(() => openBody(place, key, binding, sealed)));
    assert.ok(refused(() => sealBody(place, key, binding, text(100))));
  }
});

test('a revoked key neither seals nor opens', () => {
  const doomed = holdDataKey(at, 5, owner, createSecretKey(randomBytes(32)));
  const sealed = sealBody(at, doomed, binding, text(10));
  revokeDataKey(doomed);
  const gone = (error: unknown): boolean => isFault(error) && error.kind === 'gone';
  assert.throws(() => openBody(at, doomed, binding, sealed), gone);
  assert.throws(() => sealBody(at, doomed, binding, sealed), gone);
});

test('a handle shows no key material', () => {
  const shown = inspect(key, { showHidden: true, depth: 9 }) + JSON.stringify(key);
  assert.ok(!shown.includes(raw.toString('hex')) && !shown.includes(raw.toString('base64')));
  assert.deepEqual(Reflect.ownKeys(key), ['id', 'owner']);
});

test('nonces do not repeat', () => {
  const seen = new Set(
    Array.from({ length: 20_000 }, () => sealBody(at, key, binding, text(1)).toString('latin1', 2, 14)),
  );
  assert.equal(seen.size, 20_000);
});

test('inflation is bounded by the stated length, and that by 64 MiB', () => {
  const honest = compress(text(4000));
  assert.ok(honest !== undefined);
  assert.deepEqual(decompress(honest), text(4000));
  const bomb = deflateRawSync(Buffer.alloc(32 * 1024 * 1024));
  const head = (length: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    return bytes;
  };
  for (const length of [0, 1, 4096, 31 * 1024 * 1024, 33 * 1024 * 1024, 0xffff_ffff])
    assert.throws(() => decompress(Buffer.concat([head(length), bomb])), `stated ${length}`);
  assert.equal(decompress(Buffer.concat([head(32 * 1024 * 1024), bomb])).length, 32 * 1024 * 1024, 'negative control');
});

test('bad bindings are our own mistake, not a weaker seal', () => {
  for (const wrong of [{ resource: 'x' }, { version: -1 }, { version: 1.5 }, { version: 2 ** 53 }, { purpose: '' }])
    assert.throws(() => sealBody(at, key, { ...binding, ...wrong }, text(1)), isFault);
});
