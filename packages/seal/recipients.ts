import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { createPseudonyms } from './pseudonym.ts';
import type { Pseudonyms } from './types.ts';

/** No frame of a blind token begins like this (token.ts): its first four bytes are the length of a label. */
const domain = Buffer.from('ffffffff', 'hex');

/** So many recipients' ciphers are held; the one that was made first goes first. */
const held_most = 1_000;

/**
 * Pseudonyms that are one recipient's own: AES-256 under HMAC-SHA256(index key, recipient). Two recipients cannot tell
 * by ids that they hold the same resource, and none can tell whose it is. They change with the index key alone.
 */
export function createRecipients(): (indexKey: KeyObject, recipient: string) => Pseudonyms {
  const held = new Map<string, Pseudonyms>();
  return (indexKey, recipient) => {
    const known = held.get(recipient);
    if (known !== undefined) return known;
    const bytes = createHmac('sha256', indexKey).update(domain).update(recipient).digest();
    const made = createPseudonyms(createSecretKey(bytes));
    bytes.fill(0);
    const [oldest] = held.size >= held_most ? held.keys() : [];
    if (oldest !== undefined) held.delete(oldest);
    held.set(recipient, made);
    return made;
  };
}
