import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { decodeJwt } from 'jose';
import type { Attempts } from '../attempts.ts';
import type { Bridge } from './bridge.ts';
import { routes } from './configuration.ts';
import type { Naming } from './unnamed.ts';

const formType = 'application/x-www-form-urlencoded';
/** An assertion, a DPoP-bound request, a pushed one: none comes near. */
const formLimit_bytes = 16_384;

/** The client that a request names, for the count of failures alone: nothing is proven by it. */
function namedClient({ headers, body }: RequestContext): string {
  const form = new URLSearchParams(body.toString('utf8'));
  const { authorization } = headers;
  if (typeof authorization === 'string' && authorization.length <= 1_024 && /^basic /i.test(authorization)) {
    const [id = ''] = Buffer.from(authorization.slice(6), 'base64').toString('utf8').split(':');
    return id;
  }
  const assertion = form.get('client_assertion');
  return form.get('client_id') ?? (assertion === null ? '' : subjectOf(assertion));
}

function subjectOf(assertion: string): string {
  try {
    return decodeJwt(assertion).sub ?? '';
  } catch (error) {
    if (error instanceof Error) return '';
    throw error;
  }
}

/** Too many failures are told before any of the work, whoever it names; a refused proof is one more. */
const limited =
  (bridge: Bridge, attempts: Attempts) =>
  async (context: RequestContext): Promise<Answer> => {
    const client_id = namedClient(context);
    const wait_s = attempts.wait_s(client_id, context.remote);
    if (wait_s > 0) throw fault('tooMany', 'Too many failed attempts; try again later.', { retry_after_s: wait_s });
    const answer = await bridge(context);
    if (answer.status === 401) attempts.failed(client_id, context.remote);
    else if (answer.status < 400) attempts.succeeded(client_id, context.remote);
    return answer;
  };

/** OpenID Connect Core 3.1.2.1: also as a form. Our cookie does not come with it: the browser asks again. */
function asQuery({ body }: RequestContext): Answer {
  const query = body.toString('utf8');
  if (query.length > 6_000 || !/^[\x21-\x7e]*$/.test(query)) {
    throw fault('invalid', 'The request of the app cannot be answered. Go back to the app and try again.');
  }
  return { status: 303, headers: { Location: `${routes.authorization}?${query}` } };
}

const byForm = (path: string, action: string, handle: Route['handle']): Route => ({
  method: 'POST',
  path,
  action,
  auth: 'none',
  errors: 'oauth',
  crossSite: true,
  accepts: [formType],
  limit_bytes: formLimit_bytes,
  handle,
});

const shown = (path: string, action: string, errors: 'oauth' | 'page', handle: Route['handle']): Route => ({
  method: 'GET',
  path,
  action,
  auth: 'none',
  errors,
  crossSite: true,
  handle,
});

export function oauthRoutes(bridge: Bridge, attempts: Attempts, naming: Naming): Route[] {
  const proven = limited(bridge, attempts);
  return [
    shown(routes.authorization, 'authorize', 'page', bridge),
    shown(`${routes.authorization}/:uid`, 'authorize', 'page', bridge),
    { ...byForm(routes.authorization, 'authorize', asQuery), errors: 'page' },
    byForm(routes.token, 'token-issue', async (context) => proven(await naming(context))),
    byForm(routes.revocation, 'token-revoke', proven),
    byForm(routes.introspection, 'token-introspect', proven),
    byForm(routes.pushed_authorization_request, 'authorize-push', proven),
    shown(routes.userinfo, 'userinfo', 'oauth', bridge),
    byForm(routes.userinfo, 'userinfo', bridge),
    shown(routes.jwks, 'keys', 'oauth', bridge),
    shown('/.well-known/openid-configuration', 'discovery', 'oauth', bridge),
    shown('/.well-known/oauth-authorization-server', 'discovery', 'oauth', bridge),
  ];
}
