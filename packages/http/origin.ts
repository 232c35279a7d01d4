import type { IncomingMessage } from 'node:http';
import { fault } from '@safeguard/kernel';
import type { Route } from './types.ts';

const reading = new Set(['GET', 'HEAD']);

/** Where a cookie, and nothing else, may speak for the caller: what another site could make a browser send. */
const speaksByCookie = (route: Route, request: IncomingMessage): boolean =>
  route.errors === 'page' ||
  route.auth === 'session' ||
  (route.auth === 'either' && request.headers.authorization === undefined);

/**
 * Refuses what another site made a browser send (OWASP ASVS 5.0 3.5.1). Every browser says where a request that changes
 * something comes from, by `Origin` or `Sec-Fetch-Site` (Fetch, 3.2): what says neither is refused too.
 */
export function checkOrigin(route: Route, request: IncomingMessage, base: string): void {
  if (route.crossSite === true || reading.has(request.method ?? '') || !speaksByCookie(route, request)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const own = origin === undefined ? site === 'same-origin' : origin === new URL(base).origin;
  if (!own || (site !== undefined && site !== 'same-origin')) {
    throw fault('forbidden', 'The request does not come from a page of this server.');
  }
}
