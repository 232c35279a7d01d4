import type { IncomingMessage } from 'node:http';
import { fault } from '@safeguard/kernel';
import type { Answer, HttpPorts, Route } from './types.ts';

/** What of an entry of the router decides here. */
interface Place {
  readonly route: Route | undefined;
  readonly style: Route['errors'];
}

/** Where a token speaks for the caller and never a cookie: what other origins may be let in to at all. */
const isForApps = ({ route, style }: Place): boolean =>
  (style === 'fhir' || style === 'oauth') && (route === undefined || route.auth === 'token' || route.auth === 'none');

/** As a browser writes one: no path, no `null` (Fetch, 3.2). */
const origin = /^https?:\/\/[^/?#@\s]{1,253}$/;

/**
 * The origin of the page that asks, where it is another one, may be let in here, and an approved app lives there;
 * else undefined, and the browser keeps the answer to itself.
 */
export async function knownOrigin(
  { origins }: Pick<HttpPorts, 'origins'>,
  place: Place,
  { headers }: IncomingMessage,
): Promise<string | undefined> {
  const asking = headers.origin;
  if (asking === undefined || origins === undefined || !isForApps(place) || !origin.test(asking)) return undefined;
  return (await origins(asking)) ? asking : undefined;
}

/** Request headers that FHIR, OAuth and DPoP clients set; what is not here is refused by the browser. */
const sent = [
  'Accept',
  'Authorization',
  'Content-Type',
  'DPoP',
  'If-Match',
  'If-Modified-Since',
  'If-None-Exist',
  'If-None-Match',
  'Prefer',
  'X-Correlation-Id',
].join(', ');

/** Answer headers that a script may read beside the few that it always may. */
const read = [
  'Content-Location',
  'ETag',
  'Last-Modified',
  'Link',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'X-Correlation-Id',
  'X-Request-Id',
].join(', ');

/** How long a browser may go without asking again. Nothing hangs on it: every answer itself names who may read it. */
const remembered_s = 600;

/** A browser that asks before it asks (Fetch, 4.8), where there is something to ask for. */
export const isPreflight = (
  { origins }: Pick<HttpPorts, 'origins'>,
  place: Place,
  { method, headers }: IncomingMessage,
): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined &&
  origins !== undefined &&
  isForApps(place);

/** The answer to it. Never credentials: a cookie is not to come along. Fault `forbidden` for an unknown origin. */
export function preflight(allowed: string | undefined, methods: string): Answer {
  if (allowed === undefined) throw fault('forbidden', 'No approved app lives at the origin that asks.');
  return {
    status: 204,
    headers: {
      'Access-Control-Allow-Origin': allowed,
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': sent,
      'Access-Control-Max-Age': String(remembered_s),
      Vary: 'Origin',
    },
  };
}

const headerOf = ({ headers = {} }: Answer, name: string): string | undefined =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];

/** The answer as a page of this origin may read it. What the handler said of it stands. */
export function readableFrom(allowed: string | undefined, { style }: Place, answer: Answer): Answer {
  // At OAuth's endpoints the origin must be one of the very client that asks: the authorization server says it.
  if (allowed === undefined || style === 'oauth') return answer;
  if (headerOf(answer, 'access-control-allow-origin') !== undefined) return answer;
  const { Vary, vary, ...headers } = answer.headers ?? {};
  return {
    ...answer,
    headers: {
      ...headers,
      Vary: [Vary ?? vary, 'Origin'].filter((one) => one !== undefined).join(', '),
      'Access-Control-Allow-Origin': allowed,
      'Access-Control-Expose-Headers': read,
    },
  };
}
