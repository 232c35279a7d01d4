import type { RequestContext } from '@safeguard/http';
import type { Segment } from '@safeguard/store';
import { isRefreshToken, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';

const select = {
  name: 'identity.oidc.public-client',
  text: `select c.id from identity.oidc o join identity.client c on c.id = o.client
    where o.kind = 'RefreshToken' and o.hash = $1 and c.type = 'public'`,
};

/** Each of these says who asks, or tries to. */
const names = ['client_id', 'client_secret', 'client_assertion'] as const;

/** The refresh token of a form in which nobody is named; undefined: this is another request. */
function unnamed({ headers, body }: RequestContext): { form: URLSearchParams; token: string } | undefined {
  const form = new URLSearchParams(body.toString('utf8'));
  const [token = '', ...more] = form.getAll('refresh_token');
  const isRefresh = form.get('grant_type') === 'refresh_token' && more.length === 0 && isRefreshToken(token);
  const named = headers['authorization'] !== undefined || names.some((name) => form.has(name));
  return isRefresh && !named ? { form, token } : undefined;
}

/**
 * A refresh by an app that can keep no secret may leave its name out (RFC 6749 6 does not ask for it, SMART App Launch
 * 2.2 lists no `client_id` there, and fhirclient sends none): the token says whose it is. Whoever has a secret or a key
 * must prove it, as before.
 */
export function createNaming(segment: Segment) {
  return async (context: RequestContext): Promise<RequestContext> => {
    const asked = unnamed(context);
    if (asked === undefined) return context;
    const [client] = await segment.query<{ id: string }>(platform, select, [sha256(asked.token)]);
    if (client === undefined) return context;
    asked.form.set('client_id', client.id);
    const body = Buffer.from(asked.form.toString());
    // Its methods stay those of the request itself.
    return Object.create(context, { body: { value: body, enumerable: true } }) as RequestContext;
  };
}
export type Naming = ReturnType<typeof createNaming>;
