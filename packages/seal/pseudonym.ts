import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { fault, isUuid, uuidBytes, uuidText } from '@safeguard/kernel';
import type { Pseudonyms } from './types.ts';

/**
 * AES-256 on one block is a keyed permutation of the 2^128 UUIDs: no collisions, no table, and without the key neither
 * direction. One block per call, so that ECB's weakness (equal blocks show) is the very property wanted: equal ids,
 * equal pseudonyms. The ciphers are kept: ECB without padding holds no state from block to block.
 */
export function createPseudonyms(key: KeyObject): Pseudonyms {
  const forward = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const backward = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const turn = (cipher: typeof forward | typeof backward, id: string): string => {
    if (!isUuid(id)) throw fault('internal', 'not an id of this system', { cause: new TypeError('not a UUID') });
    return uuidText(cipher.update(uuidBytes(id)));
  };
  return { pseudonym: (id) => turn(forward, id), resource: (pseudonym) => turn(backward, pseudonym) };
}
