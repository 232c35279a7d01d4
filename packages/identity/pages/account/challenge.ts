import type { Principal, RequestContext } from '@safeguard/http';
import { cookieIn } from '../request.ts';

const name = '__Host-safeguard-passkey';
const rules = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const lifetime_s = 300;

/**
 * The challenge of a passkey that is being made by somebody signed in, in a cookie beside the session that it is for.
 * At registration it keeps an old answer from being sent again, and whoever could write this cookie holds the session
 * already. (A challenge of a sign-in decides who gets in: it stands in the flow, in the database.)
 */
export const keepChallenge = ({ session = '' }: Principal, challenge: string): string =>
  `${name}=${session}.${challenge}; Max-Age=${lifetime_s}; ${rules}`;

export const clearChallenge = `${name}=; Max-Age=0; ${rules}`;

export function challengeOf(context: RequestContext, { session = '' }: Principal): string | undefined {
  const [of, challenge] = cookieIn(context, name)?.split('.') ?? [];
  return of === session && challenge ? challenge : undefined;
}
