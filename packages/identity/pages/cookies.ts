import { flowCookie } from '../sign-in/types.ts';

/** Remembers by its public name at whose pages this browser signed in last; no secret. */
export const tenantCookie = '__Host-safeguard-tenant';

/**
 * `__Host-` binds a cookie to this host alone. Lax, not Strict: whoever returns from a provider of single sign-on comes
 * by a link of another site, and would come without it.
 */
const rules = 'Path=/; Secure; HttpOnly; SameSite=Lax';

export const setFlow = (secret: string): string => `${flowCookie}=${secret}; ${rules}`;
export const clearFlow = `${flowCookie}=; Max-Age=0; ${rules}`;

const year_s = 31_536_000;
export const setTenant = (name: string): string => `${tenantCookie}=${name}; Max-Age=${year_s}; ${rules}`;
