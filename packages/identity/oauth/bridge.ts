import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, RequestContext } from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import inject, { type Response as Injected } from 'light-my-request';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type Asked, askedOf, remember } from './asked.ts';
import { cookieNames } from './configuration.ts';
import { findingOf } from './findings.ts';
import { ownOf } from './own.ts';

/** What of a request's headers the library reads. Nothing that a proxy could have said: our base decides the origin. */
const read = [
  'authorization',
  'content-type',
  'cookie',
  'dpop',
  'origin',
  'user-agent',
  'access-control-request-method',
] as const;

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

function headersOf(context: RequestContext): Record<string, string> {
  const { host, protocol } = new URL(context.base);
  // Errors of its endpoints are for programs; those for people are pages of ours.
  const accept = 'application/json';
  const headers: Record<string, string> = { host, accept, 'x-forwarded-proto': protocol.slice(0, -1) };
  for (const name of read) {
    const value = single(context.headers[name]);
    if (value !== undefined) headers[name] = value;
  }
  // An empty form is no body: named without one, its type would be refused.
  if (context.body.length === 0) delete headers['content-type'];
  return headers;
}

/** Headers that are `http`'s to say. */
const left = new Set(['content-length', 'content-type', 'date', 'connection', 'transfer-encoding', 'set-cookie']);

const listed = (value: unknown): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [`${value}`]);

/** Its session is ours: it has no cookie. */
const isOurs = (cookie: string): boolean => !cookie.startsWith(`${cookieNames.session}=`);

/** A redirect says in its body once more where it leads: that is left out. */
const bodyOf = (status: number, body: Buffer, type: string | undefined) =>
  body.length === 0 || (status >= 300 && status < 400) ? {} : { body, ...(type === undefined ? {} : { type }) };

function answerOf({ statusCode, headers, rawPayload }: Injected): Answer {
  const kept = Object.entries(headers)
    .filter(([name, value]) => !left.has(name) && value !== undefined)
    .map(([name, value]) => [name, String(value)] as const);
  return {
    status: statusCode,
    headers: Object.fromEntries(kept),
    cookies: listed(headers['set-cookie']).filter(isOurs),
    ...bodyOf(statusCode, rawPayload, single(headers['content-type'] as string | undefined)),
  };
}

const texts: Readonly<Record<string, string>> = {
  invalid_client: 'The app that sent you here is not known, or may not do this.',
  unauthorized_client: 'The app that sent you here has not been approved.',
  invalid_redirect_uri: 'The app that sent you here named an address that is not registered for it.',
};
const otherwise = 'The request of the app cannot be answered. Go back to the app and try again.';

/** A page for a person. The app is not told: there is nowhere to tell it that is surely its own. */
const pageFault = (error: string) =>
  fault(error === 'access_denied' ? 'forbidden' : 'invalid', texts[error] ?? otherwise);

/** A scope that was asked for is not given back in the error: RFC 6749 5.2 has no such member. */
function withoutScope(answer: Answer): Answer {
  if (answer.status < 400 || answer.body === undefined || answer.type?.startsWith('application/json') !== true) {
    return answer;
  }
  const { scope, ...told } = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  return scope === undefined ? answer : { ...answer, body: JSON.stringify(told) };
}

const asFailure = (failure: unknown) =>
  isFault(failure) ? failure : fault('internal', 'The authorization server failed.', { cause: failure });

/** Tells the library's own events to the request they belong to. */
export function listen(provider: Provider): void {
  const note = (ctx: KoaContextWithOIDC, error: { readonly error?: string }): void => {
    const asked = askedOf(ctx);
    if (asked !== undefined) asked.error = error.error ?? 'invalid_request';
  };
  for (const event of [
    'authorization.error',
    'grant.error',
    'introspection.error',
    'revocation.error',
    'userinfo.error',
    'pushed_authorization_request.error',
  ] as const) {
    provider.on(event as 'grant.error', note);
  }
  provider.on('server_error', (ctx, error) => {
    const asked = askedOf(ctx);
    if (asked !== undefined) asked.failure = error;
  });
  // What goes past the library's own handling (Koa's last resort) is logged by `http` as well.
  (provider as EventEmitter).on('error', (error: unknown, ctx: KoaContextWithOIDC) => {
    const asked = askedOf(ctx);
    if (asked !== undefined) asked.failure ??= error;
  });
  provider.use(async (ctx, next) => {
    const asked = askedOf(ctx as KoaContextWithOIDC);
    if (asked !== undefined) asked.koa = ctx as KoaContextWithOIDC;
    await next();
  });
}

const works = new WeakMap<Provider, ReturnType<Provider['callback']>>();

/** Its middleware put together, once. */
function workOf(provider: Provider): ReturnType<Provider['callback']> {
  const work = works.get(provider) ?? provider.callback();
  works.set(provider, work);
  return work;
}

/** A secret (its id) or a key (its kid) proved a client. */
export type Used = (client_id: string, tenant: number, proof: string) => void;

function noteUse({ koa, error, failure, secret_id, kid }: Asked, used: Used | undefined): void {
  const client = koa?.oidc?.client;
  const proof = secret_id ?? kid;
  const tenant = ownOf(client)?.tenant;
  if (used === undefined || client === undefined || tenant === undefined || proof === undefined) return;
  if (error === undefined && failure === undefined) used(client.clientId, tenant, proof);
}

export type Bridge = (context: RequestContext) => Promise<Answer>;

/**
 * Lets oidc-provider answer a request within ours: its whole answer is in hand before the first byte of it leaves, so
 * that it stands in the ledger first, and what fails inside is told by `http` as every other failure is.
 */
export function createBridge(provider: (base: string) => Promise<Provider>, used?: Used): Bridge {
  return async (context) => {
    const work = workOf(await provider(context.base));
    const asked: Asked = { context };
    const dispatch = (request: IncomingMessage, response: ServerResponse): void => {
      remember(request, asked);
      void work(request, response);
    };
    const response = await inject(dispatch as Parameters<typeof inject>[0], {
      method: context.method as 'GET',
      url: context.url ?? '/',
      headers: headersOf(context),
      remoteAddress: context.remote,
      ...(context.body.length === 0 ? {} : { payload: context.body }),
    });
    noteUse(asked, used);
    const finding = findingOf(asked);
    if (finding !== undefined) context.found?.(finding);
    if (asked.failure !== undefined) throw asFailure(asked.failure);
    if (asked.page !== undefined) throw pageFault(asked.page.error);
    const answer = withoutScope(answerOf(response));
    // Its own pages have scripts in them, which ours never have: there is none that we send.
    if (answer.type?.startsWith('text/html') === true) throw pageFault(asked.error ?? 'invalid_request');
    return answer;
  };
}
