import { isIP } from 'node:net';

/** The bytes of an IP address (RFC 5280 4.2.1.6): 4 or 16. Throws on anything else. */
export function addressBytes(address: string): Buffer {
  const family = isIP(address);
  if (family === 4) return Buffer.from(address.split('.').map(Number));
  if (family !== 6 || address.includes('.')) throw new TypeError('not a plain IP address');
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...left, ...zeros, ...right].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}

/** One DER element (X.690 8.1); short and two-byte lengths are all that names need. */
function der(tag: number, content: Uint8Array): Buffer {
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = 0x30;
const dnsName = 0x82;
const ipAddress = 0x87;
const permitted = 0xa0;

/** The address with its mask, as a constraint names a range. */
function range(address: string, prefix_bits: number): Buffer {
  const bytes = addressBytes(address);
  const mask = Buffer.from(bytes.map((_, at) => (0xff00 >> Math.min(8, Math.max(0, prefix_bits - at * 8))) & 255));
  return Buffer.concat([bytes, mask]);
}

const subtree = (host: string): Buffer => {
  if (isIP(host) === 0) return der(dnsName, Buffer.from(host, 'latin1'));
  return der(ipAddress, range(host, addressBytes(host).length * 8));
};

/**
 * The value of a name-constraints extension (RFC 5280 4.2.1.10) that permits the loopback names and `hosts`, and
 * nothing else: who steals this authority's key cannot make a certificate for any other site.
 */
export const nameConstraints = (hosts: readonly string[]): Buffer => {
  const bases = [der(dnsName, Buffer.from('localhost')), der(ipAddress, range('127.0.0.0', 8)), ...hosts.map(subtree)];
  return der(sequence, der(permitted, Buffer.concat(bases.map((base) => der(sequence, base)))));
};
