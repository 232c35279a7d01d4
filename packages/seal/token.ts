import { createHmac, type KeyObject } from 'node:crypto';

/**
 * A blind token: the first 8 bytes of HMAC-SHA256(index key, frame(label, value)) as a signed 64-bit number, which is
 * what an int8 column holds. Equal values under one label give equal tokens; nothing else is to be learnt from them.
 */
export function blindToken(indexKey: KeyObject, label: string, value: string): bigint {
  return createHmac('sha256', indexKey).update(framed(label, value)).digest().readBigInt64BE(0);
}

/** frame([label, value]), written out for speed: it runs some twenty times for every resource written. */
export function framed(label: string, value: string): Buffer {
  const label_bytes = Buffer.byteLength(label);
  const value_bytes = Buffer.byteLength(value);
  const bytes = Buffer.allocUnsafe(8 + label_bytes + value_bytes);
  bytes.writeUInt32BE(label_bytes, 0);
  bytes.write(label, 4);
  bytes.writeUInt32BE(value_bytes, 4 + label_bytes);
  bytes.write(value, 8 + label_bytes);
  return bytes;
}
