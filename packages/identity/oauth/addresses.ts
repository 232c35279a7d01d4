import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IANA's special-purpose registries (RFC 6890): nothing in here is a client's public server. */
const ipv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 only 2000::/3 is given out; in it, what carries an IPv4 address or is for documentation is not either. */
const ipv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const blocked = new BlockList();
const given = new BlockList();
given.addSubnet('2000::', 3, 'ipv6');

for (const [family, ranges] of [
  ['ipv4', ipv4],
  ['ipv6', ipv6],
] as const) {
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    blocked.addSubnet(net, Number(bits), family);
  }
}
// Azure's platform address is public by its number and the machine's own by its meaning.
blocked.addAddress('168.63.129.16', 'ipv4');

/**
 * True for an address of the public Internet: not loopback, private (RFC 1918, RFC 4193), link-local (cloud metadata),
 * shared (RFC 6598), multicast, nor an IPv6 form of an IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !blocked.check(address, 'ipv4');
  // A zone (`fe80::1%eth0`) names an interface of this machine.
  if (!isIPv6(address) || address.includes('%')) return false;
  return given.check(address, 'ipv6') && !blocked.check(address, 'ipv6');
}
