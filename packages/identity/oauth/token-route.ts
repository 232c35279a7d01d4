import type { Answer, RequestContext, Route } from '@safeguard/http';
import type { IssuedToken } from '../types.ts';
import { readCredentials } from './credentials.ts';
import { oauthFault, readForm } from './form.ts';
import type { OAuthPorts } from './ports.ts';

export const formType = 'application/x-www-form-urlencoded';
export const formLimit_bytes = 16_384;
export const noStore = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;

/** RFC 6749 5.1; `token_type` is spelled as SMART App Launch 2.2 wants it. */
const answerOf = (token: IssuedToken): Answer => ({
  status: 200,
  headers: noStore,
  type: 'application/json',
  body: JSON.stringify({
    access_token: token.access_token,
    token_type: 'bearer',
    expires_in: token.expires_in_s,
    scope: token.scopes.join(' '),
  }),
  targets: [{ type: 'Client', id: token.client_id }],
});

async function handle(ports: OAuthPorts, context: RequestContext): Promise<Answer> {
  const form = readForm(context.body);
  const credentials = readCredentials(context, form);
  const grant = form.get('grant_type');
  if (grant === undefined) throw oauthFault('invalid_request', 'The parameter grant_type is missing.');
  if (grant !== 'client_credentials') {
    throw oauthFault('unsupported_grant_type', 'The only grant_type served is client_credentials.');
  }
  const client = await ports.verify(credentials, context.remote, (id) => context.about?.([{ type: 'Client', id }]));
  return answerOf(await ports.issue(client, form.get('scope')));
}

/** The token endpoint: the client-credentials grant (RFC 6749 4.4), and no other. */
export const tokenRoute = (ports: OAuthPorts): Route => ({
  method: 'POST',
  path: '/oauth2/token',
  action: 'token',
  auth: 'none',
  errors: 'oauth',
  accepts: [formType],
  limit_bytes: formLimit_bytes,
  handle: (context) => handle(ports, context),
});
