/**
 * An unambiguous encoding of fields for associated data and for HMAC inputs: each field stands behind its length in
 * 4 bytes, so that no two different lists of fields give the same bytes. Numbers are 8 bytes big-endian.
 * Frames concatenate: frame([a]) + frame([b]) = frame([a, b]).
 */
export function frame(fields: readonly (string | number | Buffer)[]): Buffer {
  const parts: Buffer[] = [];
  for (const field of fields) {
    const bytes = fieldBytes(field);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

function fieldBytes(field: string | number | Buffer): Buffer {
  if (typeof field === 'string') return Buffer.from(field, 'utf8');
  if (typeof field !== 'number') return field;
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(field));
  return bytes;
}
