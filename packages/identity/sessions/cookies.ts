import { deviceCookie, type SessionCookies, sessionCookie } from './types.ts';

/**
 * `__Host-` (RFC 6265bis 4.1.3.2): set by this very host over TLS for all its paths, never by a subdomain. Lax: a link
 * from an e-mail arrives signed in, a form of another site does not.
 */
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';
/** 180 days: as long as a device is remembered. */
const device_s = 180 * 86_400;

export const cookies: SessionCookies = {
  set: (secret) => `${sessionCookie}=${secret}; ${attributes}`,
  clear: `${sessionCookie}=; ${attributes}; Max-Age=0`,
  device: (secret) => `${deviceCookie}=${secret}; ${attributes}; Max-Age=${device_s}`,
};

/**
 * The value of one cookie of a Cookie header (RFC 6265 5.4). Undefined when it is absent or stands there twice: no
 * browser sends a `__Host-` cookie twice, so one of the two is somebody else's.
 */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || !header.includes(name)) return undefined;
  let found: string | undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    if (found !== undefined) return undefined;
    found = pair.slice(at + 1).trim();
  }
  return found;
}
