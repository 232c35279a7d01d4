import { fault } from '@safeguard/kernel';

/** `Bearer ` and 47 characters, with room for blanks between them; a longer header is not even looked into. */
const longest = 80;
const form = /^(bearer|dpop) +(\S+)$/i;
const tokenForm = /^sgt_[A-Za-z0-9_-]{43}$/;
const canonical = /^Bearer sgt_[A-Za-z0-9_-]{43}$/;

export const refusals = {
  absent: 'A bearer token is required.',
  malformed: 'The Authorization header is malformed; expected Bearer and an access token of this server.',
  ended: 'The access token is unknown, expired or revoked.',
  bound: 'The access token is bound to a key or certificate that was not shown.',
} as const;

export interface Shown {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
}

/**
 * The token of an Authorization header (RFC 6750 2.1, RFC 9449 7.1). Throws Fault `unauthenticated` for what cannot be
 * a token of this server, before anything is hashed or asked.
 */
export function shownToken(authorization: string | undefined): Shown {
  if (authorization === undefined || authorization === '') throw fault('unauthenticated', refusals.absent);
  if (typeof authorization !== 'string' || authorization.length > longest) {
    throw fault('unauthenticated', refusals.malformed);
  }
  if (canonical.test(authorization)) return { scheme: 'bearer', token: authorization.slice(7) };
  const [, scheme = '', token = ''] = form.exec(authorization) ?? [];
  if (!tokenForm.test(token)) throw fault('unauthenticated', refusals.malformed);
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
}
