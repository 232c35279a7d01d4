import { type Answer, anonymous, type Principal, type RequestContext, type Target } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { cookieOf } from '../../sessions/cookies.ts';
import { flowCookie } from '../../sign-in/types.ts';
import { digest } from '../flows.ts';
import type { Provider } from '../providers/rows.ts';
import type { RouteDeps } from './deps.ts';

export const formType = 'application/x-www-form-urlencoded';

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

export const headerOf = (context: RequestContext, name: string): string | undefined => single(context.headers[name]);

/** The secret of the sign-in that this browser is in. */
export const flowSecretOf = (context: RequestContext): string | undefined =>
  cookieOf(headerOf(context, 'cookie'), flowCookie);

/** What binds a flow to the browser: the sign-in's cookie, or the session of whoever links an account. */
export const flowBrowser = (secret: string): Buffer => digest(`flow ${secret}`);
export const sessionBrowser = (session: string): Buffer => digest(`session ${session}`);

/** A field of a form or a query; what stands there twice counts as not given. */
export function oneOf(given: URLSearchParams, name: string): string | undefined {
  const values = given.getAll(name);
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/** Nobody yet, but at this tenant: its ledger is to hold the event. */
export const somebodyAt = (tenant: number): Principal => ({ ...anonymous, tenant });

export const targetOf = (provider: Pick<Provider, 'id'>): Target => ({ type: 'Provider', id: provider.id });

/** The provider of the address. Fault `missing` for one that is unknown, removed, or not enabled: all look the same. */
export async function providerOf({ rows }: RouteDeps, context: RequestContext): Promise<Provider> {
  const provider = await rows.one(context.params['provider'] ?? '');
  if (provider === undefined || !provider.enabled) throw fault('missing', 'There is nothing at this address');
  context.about?.([targetOf(provider)]);
  context.found?.({ principal: somebodyAt(provider.tenant), targets: [targetOf(provider)] });
  return provider;
}

/** RFC 9110 15.4.4. */
export const seeOther = (path: string): Answer => ({
  status: 303,
  headers: { Location: path, 'Referrer-Policy': 'same-origin', 'Cache-Control': 'no-store' },
});
