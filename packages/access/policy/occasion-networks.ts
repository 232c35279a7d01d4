import { BlockList, isIP } from 'node:net';

/** The parts of an address or a network in CIDR; undefined: it is none. */
function networkOf(text: string): readonly [string, number, 'ipv4' | 'ipv6'] | undefined {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || address.includes('%')) return undefined;
  const most = family === 4 ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const bits = length === undefined ? most : Number(length);
  return bits > most ? undefined : [address, bits, family === 4 ? 'ipv4' : 'ipv6'];
}

/** Whether a text is an address or a network in CIDR, of IPv4 or IPv6. */
export const isNetwork = (text: string): boolean => networkOf(text) !== undefined;

/**
 * Whether an address is in one of the networks. What is no address is in none; an IPv4 address is in its network
 * also where IPv6 maps it (`::ffff:10.0.0.1`, RFC 4291 2.5.5.2). `undefined`: one of the texts is no network.
 */
export function compileNetworks(texts: readonly string[]): ((address: string) => boolean) | undefined {
  const list = new BlockList();
  for (const text of texts) {
    const network = networkOf(text);
    if (network === undefined) return undefined;
    list.addSubnet(...network);
  }
  return (text) => {
    const address = text.replace(/%.*$/, '');
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  };
}
