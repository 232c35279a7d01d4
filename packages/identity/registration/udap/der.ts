/** Just enough of DER (X.690) to read the extensions of a certificate (RFC 5280 4.1), which Node shows in part. */

interface Element {
  readonly tag: number;
  readonly body: Buffer;
  /** What follows it. */
  readonly rest: Buffer;
}

const malformed = () => new Error('a certificate is not DER');

/** The first element of the bytes: definite lengths of up to four octets, no tags of several. */
function take(bytes: Buffer): Element {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed();
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || octets > 4 || bytes.length < 2 + octets) throw malformed();
  const length = octets === 0 ? first : bytes.readUIntBE(2, octets);
  const start = 2 + octets;
  if (bytes.length < start + length) throw malformed();
  return { tag, body: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

function all(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const element = take(rest);
    found.push(element);
    rest = element.rest;
  }
  return found;
}

export interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

const extensionsTag = 0xa3;
const boolean = 0x01;

/** By the OID's octets in hexadecimal: `551d13` is basicConstraints. One that stands twice is an error. */
export function extensionsOf(certificate: Buffer): ReadonlyMap<string, Extension> {
  const [tbs] = all(take(certificate).body);
  const wrapped = tbs === undefined ? undefined : all(tbs.body).find(({ tag }) => tag === extensionsTag);
  const found = new Map<string, Extension>();
  if (wrapped === undefined) return found;
  for (const { body } of all(take(wrapped.body).body)) {
    const [oid, ...more] = all(body);
    const value = more.at(-1);
    if (oid === undefined || value === undefined) throw malformed();
    const name = oid.body.toString('hex');
    if (found.has(name)) throw malformed();
    found.set(name, {
      critical: more.length === 2 && more[0]?.tag === boolean && more[0].body[0] !== 0,
      value: value.body,
    });
  }
  return found;
}

/** pathLenConstraint of a basicConstraints extension (RFC 5280 4.2.1.9); undefined: there is none. */
export function pathLengthOf(value: Buffer): number | undefined {
  const number = all(take(value).body).find(({ tag }) => tag === 0x02);
  if (number === undefined) return undefined;
  if (number.body.length < 1 || number.body.length > 4 || (number.body[0] ?? 0x80) >= 0x80) throw malformed();
  return number.body.readUIntBE(0, number.body.length);
}

/** Bit `at` of a keyUsage extension (RFC 5280 4.2.1.3): 0 digitalSignature, 5 keyCertSign. */
export function hasUsage(value: Buffer, at: number): boolean {
  const { body } = take(value);
  return ((body[1 + Math.floor(at / 8)] ?? 0) & (0x80 >> (at % 8))) !== 0;
}
