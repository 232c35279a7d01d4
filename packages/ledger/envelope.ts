import { hash } from 'node:crypto';
import { fault, uuidText } from '@safeguard/kernel';
import { compact, expand } from './compact.ts';
import type { EntryKey, EntryVault } from './types.ts';

/** The first byte of every envelope: the version of this format. */
const format = 1;
const headBytes = 5;

/** A log's origin as the UUID that the vault binds to (RFC 9562 version 8: the first 122 bits of its SHA-256). */
export function bindingId(origin: string): string {
  const bytes = hash('sha256', origin, 'buffer').subarray(0, 16);
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x80, 6);
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
  return uuidText(bytes);
}

/** What an envelope is for and where it stands. An entry of one log or index opens at no other. */
export interface Place {
  readonly resource: string;
  readonly version: number;
  readonly purpose: 'entry' | 'intent';
}

export const entryPlace = (resource: string, index: number): Place => ({ resource, version: index, purpose: 'entry' });
export const intentPlace = (tenant: number): Place => ({
  resource: bindingId(`intent/${tenant}`),
  version: 0,
  purpose: 'intent',
});

/** Envelope: format (1 byte), id of the data key (4 bytes, big-endian), what the vault sealed. */
export function sealEnvelope(vault: EntryVault, key: EntryKey, place: Place, plain: Buffer): Buffer {
  const sealed = vault.seal(key, place, plain);
  const envelope = Buffer.allocUnsafe(headBytes + sealed.length);
  envelope[0] = format;
  envelope.writeUInt32BE(key.id, 1);
  sealed.copy(envelope, headBytes);
  return envelope;
}

function keyIdOf(envelope: Buffer): number {
  if (envelope[0] === format && envelope.length > headBytes) return envelope.readUInt32BE(1);
  throw fault('internal', 'stored data could not be opened', { cause: new Error('not an envelope of a known format') });
}

/** Opens envelopes with one look-up for all their keys. Throws Fault `internal` when one was altered or moved. */
export async function openEnvelopes(
  vault: EntryVault,
  rows: readonly { readonly place: Place; readonly body: Buffer }[],
): Promise<object[]> {
  const keys = await vault.keysById([...new Set(rows.map(({ body }) => keyIdOf(body)))]);
  return rows.map(({ place, body }) => {
    const key = keys.get(keyIdOf(body));
    if (key === undefined) {
      throw fault('internal', 'stored data could not be opened', { cause: new Error('the data key is missing') });
    }
    return expand(vault.open(key, place, body.subarray(headBytes)));
  });
}

/** Seals one event for a place. */
export const sealEvent = (vault: EntryVault, key: EntryKey, place: Place, event: object): Buffer =>
  sealEnvelope(vault, key, place, compact(event));
