import assert from 'node:assert/strict';
import { createHmac, createPublicKey, createSecretKey, hkdfSync, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decrypt, encrypt } from '../cipher.ts';

type Vector = Record<string, string> & { tcId: number; result: 'valid' | 'invalid' | 'acceptable'; size: number };
type Group = Record<string, number> & { tests: Vector[]; publicKey: { pk: string } };

const folder = fileURLToPath(new URL('../../../../shared/data/vectors/wycheproof/', import.meta.url));
const absent = existsSync(folder)
  ? false
  : 'SKIPPED: the Wycheproof vectors (../shared/data/vectors/wycheproof) are not here';
if (absent !== false) process.stdout.write(`# ${absent}\n`);

const groups = (file: string): Group[] => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')).testGroups;
const bytes = (hex: string | undefined): Buffer => Buffer.from(hex ?? '', 'hex');

/** Runs every case and says how many there were: a suite that examined nothing has not passed. */
function each(
  file: string,
  wanted: (group: Group) => boolean,
  judge: (group: Group, vector: Vector) => boolean,
): number {
  let examined = 0;
  for (const group of groups(file).filter(wanted))
    for (const vector of group.tests) {
      assert.equal(judge(group, vector), vector.result === 'valid', `${file} case ${vector.tcId}`);
      examined += 1;
    }
  return examined;
}

const accepts = (act: () => boolean): boolean => {
  try {
    return act();
  } catch {
    return false;
  }
};

test('AES-256-GCM, 96-bit nonce, 128-bit tag: our encrypt and decrypt', { skip: absent }, (t) => {
  const examined = each(
    'aes_gcm_test.json',
    ({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128,
    (_, { key, iv, aad, msg, ct, tag, result }) => {
      const secret = createSecretKey(bytes(key));
      const sealed = Buffer.concat([bytes(iv), bytes(ct), bytes(tag)]);
      if (result === 'valid')
        assert.deepEqual(encrypt(secret, Buffer.alloc(0), bytes(aad), bytes(msg), bytes(iv)), sealed);
      return accepts(() => decrypt(secret, bytes(aad), sealed).equals(bytes(msg)));
    },
  );
  assert.ok(examined >= 60, `examined ${examined}`);
  t.diagnostic(`${examined} vectors`);
});

test('HMAC-SHA256 as tokens and commitments use it', { skip: absent }, (t) => {
  const examined = each(
    'hmac_sha256_test.json',
    () => true,
    ({ tagSize = 0 }, { key, msg, tag }) => {
      const made = createHmac('sha256', createSecretKey(bytes(key)))
        .update(bytes(msg))
        .digest();
      return made.subarray(0, tagSize / 8).equals(bytes(tag));
    },
  );
  assert.equal(examined, 174);
  t.diagnostic(`${examined} vectors`);
});

// Not used by seal itself: the platform's own, on which the ledger and the tokens of other packages stand.
test('HKDF-SHA256 and Ed25519 of this platform', { skip: absent }, (t) => {
  const hkdf = each(
    'hkdf_sha256_test.json',
    () => true,
    (_, { ikm, salt, info, size, okm }) =>
      accepts(() => Buffer.from(hkdfSync('sha256', bytes(ikm), bytes(salt), bytes(info), size)).equals(bytes(okm))),
  );
  const ed25519 = each(
    'ed25519_test.json',
    () => true,
    ({ publicKey }, { msg, sig }) => {
      const x = bytes(publicKey.pk).toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      return accepts(() => verify(null, bytes(msg), key, bytes(sig)));
    },
  );
  assert.deepEqual([hkdf, ed25519], [86, 151]);
  t.diagnostic(`${hkdf} + ${ed25519} vectors`);
});
