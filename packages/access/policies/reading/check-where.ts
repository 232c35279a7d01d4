import { isIP } from 'node:net';
import type { Where } from '../../policy/types.ts';
import type { Path, Report } from './issues.ts';

/** `10.0.0.0/8`, `fd00::/8`. Zone ids are of one machine and have no place in a policy. */
export function isNetwork(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || more.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return false;
  return Number(bits) <= (version === 4 ? 32 : 128);
}

/** A zone by its name in IANA's list, not by an offset. */
function isZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

export function checkWhere(where: Where, path: Path, report: Report): void {
  if (Object.keys(where).length === 0) report('nothing', path);
  const { labels, networks = [], hours } = where;
  if (labels !== undefined && Object.keys(labels).length === 0) report('nothing', [...path, 'labels']);
  for (const [index, network] of networks.entries()) {
    if (!isNetwork(network)) report('network', [...path, 'networks', index]);
  }
  if (hours === undefined) return;
  if (!isZone(hours.zone)) report('zone', [...path, 'hours', 'zone']);
  if (hours.from === hours.to) report('hours', [...path, 'hours', 'to']);
}
