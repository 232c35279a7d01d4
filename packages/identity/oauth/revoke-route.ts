import type { Answer, RequestContext, Route } from '@safeguard/http';
import { readCredentials } from './credentials.ts';
import { oauthFault, readForm } from './form.ts';
import type { OAuthPorts } from './ports.ts';
import { formLimit_bytes, formType, noStore } from './token-route.ts';

async function handle(ports: OAuthPorts, context: RequestContext): Promise<Answer> {
  const form = readForm(context.body);
  const credentials = readCredentials(context, form);
  const token = form.get('token');
  if (token === undefined) throw oauthFault('invalid_request', 'The parameter token is missing.');
  const client = await ports.verify(credentials, context.remote, (id) => context.about?.([{ type: 'Client', id }]));
  await ports.revoke(client, token);
  return { status: 200, headers: noStore, targets: [{ type: 'Client', id: client.client_id }] };
}

/** Token revocation (RFC 7009). 200 also for a token that is none: 2.2 of the RFC. */
export const revokeRoute = (ports: OAuthPorts): Route => ({
  method: 'POST',
  path: '/oauth2/revoke',
  action: 'token-revoke',
  auth: 'none',
  errors: 'oauth',
  accepts: [formType],
  limit_bytes: formLimit_bytes,
  handle: (context) => handle(ports, context),
});
