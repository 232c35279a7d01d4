import type { Answer, RequestContext } from '@safeguard/http';

const scheme = /^Bearer ([A-Za-z0-9_-]{1,200})$/i;

/** The token of the Authorization header; an empty text where there is none of this form. */
export function bearerOf({ headers }: RequestContext): string {
  const { authorization } = headers;
  return typeof authorization === 'string' ? (scheme.exec(authorization)?.[1] ?? '') : '';
}

/** RFC 6750 3.1. Unknown, ended, used up and malformed are one answer. */
export function refusedToken(context: RequestContext): Answer {
  context.found?.({ outcome: 'deny', reason: 'invalid registration token' });
  return {
    status: 401,
    type: 'application/json',
    headers: { 'WWW-Authenticate': 'Bearer realm="safeguard", error="invalid_token"', 'Cache-Control': 'no-store' },
    body: JSON.stringify({ error: 'invalid_token', error_description: 'A registration token is required.' }),
  };
}

export const told = (status: 200 | 201, body: object): Answer => ({
  status,
  type: 'application/json',
  headers: { 'Cache-Control': 'no-store', Pragma: 'no-cache' },
  body: JSON.stringify(body),
});
