import { type Answer, anonymous, type Principal, type RequestContext } from '@safeguard/http';
import { cookieOf } from '../sessions/cookies.ts';
import { deviceCookie, sessionCookie } from '../sessions/types.ts';
import { type From, flowCookie } from '../sign-in/types.ts';

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** A cookie of the request; undefined when it is absent or stands there twice. */
export const cookieIn = (context: RequestContext, name: string): string | undefined =>
  cookieOf(single(context.headers['cookie']), name);

export const fromOf = (context: RequestContext): From => ({
  remote: context.remote,
  agent: single(context.headers['user-agent']) ?? '',
  origin: context.base,
  device: cookieIn(context, deviceCookie),
  session: cookieIn(context, sessionCookie),
});

export const flowSecretOf = (context: RequestContext): string | undefined => cookieIn(context, flowCookie);

export const json = (value: object, cookies: readonly string[] = []): Answer => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(value),
  cookies,
});

/** Nobody yet, but at this tenant: its ledger is to hold the event. */
export const somebodyAt = (tenant: number): Principal => ({ ...anonymous, tenant });

/** Whoever came through all of a flow. */
export const personOf = (who: {
  readonly tenant: number;
  readonly account: string;
  readonly session: string;
}): Principal => ({
  tenant: who.tenant,
  kind: 'user',
  id: who.account,
  scopes: [],
  view: 'full',
  session: who.session,
});
