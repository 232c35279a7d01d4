import { isUuid, uuidBytes, uuidText } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';

/** Where an event stands: its entry, or the first of its parts. */
export interface Place {
  readonly shard: number;
  readonly index: number;
}

/** Shards are the lowest free numbers: so many processes never write at once. */
const shards_most = 1024;

/** A place as one number: exact up to 2^43 entries a log. */
export const numberOf = ({ shard, index }: Place): number => index * shards_most + shard;

export const placeOf = (number: number): Place => ({
  shard: number % shards_most,
  index: Math.floor(number / shards_most),
});

/** An AuditEvent's two forms: as it was, and as the disclosure that it was. */
export type Form = 'event' | 'disclosure';
const forms: readonly Form[] = ['event', 'disclosure'];

const magic = Buffer.from('audit\0');

/**
 * The id of the AuditEvent of a place: a keyed pseudonym of it. It names the same entry for ever, without any table,
 * and tells nobody how many other entries there are.
 */
export function idOf(vault: Vault, place: Place, form: Form = 'event'): string {
  const bytes = Buffer.alloc(16);
  magic.copy(bytes);
  bytes[6] = forms.indexOf(form);
  bytes.writeBigUInt64BE(BigInt(numberOf(place)), 8);
  return vault.pseudonym(uuidText(bytes));
}

/** The place of an AuditEvent's id; undefined: it is no id of this tenant's. */
export function placeOfId(vault: Vault, id: string): { readonly place: Place; readonly form: Form } | undefined {
  if (!isUuid(id)) return undefined;
  const bytes = uuidBytes(vault.resource(id));
  const form = forms[bytes[6] ?? forms.length];
  if (!bytes.subarray(0, 6).equals(magic) || bytes[7] !== 0 || form === undefined) return undefined;
  return { place: placeOf(Number(bytes.readBigUInt64BE(8))), form };
}
