import { fault } from '@safeguard/kernel';
import { inOneLine, text, texts } from './act-input.ts';
import type { Place } from './admin.ts';
import { type Act, type Asked, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';

type Clients = House['identity']['clients'];
type NewApp = Parameters<Clients['register']>[0];

/** What the command may say of an app; `register` checks what it means. */
function wanted(tenant: number, { body }: Asked): NewApp {
  const { jwks, jwks_uri, redirect_uris, grant_types, launch_uri } = body;
  const { post_logout_redirect_uris: after, backchannel_logout_uri: told } = body;
  if (jwks !== undefined && (typeof jwks !== 'object' || jwks === null))
    throw fault('invalid', 'jwks: expected a JWK set');
  const app = {
    tenant,
    name: text(body.name, 'name'),
    scopes: texts(body.scopes, 'scopes'),
    view: body.view === undefined ? 'full' : text(body.view, 'view'),
    auth_method: text(body.auth_method, 'auth_method'),
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwks_uri === undefined ? {} : { jwks_uri: text(jwks_uri, 'jwks_uri') }),
    ...(redirect_uris === undefined ? {} : { redirect_uris: texts(redirect_uris, 'redirect_uris') }),
    ...(grant_types === undefined ? {} : { grant_types: texts(grant_types, 'grant_types') }),
    ...(launch_uri === undefined ? {} : { launch_uri: text(launch_uri, 'launch_uri') }),
    ...(after === undefined ? {} : { post_logout_redirect_uris: texts(after, 'post_logout_redirect_uris') }),
    ...(told === undefined ? {} : { backchannel_logout_uri: text(told, 'backchannel_logout_uri') }),
    ...(body.patient === undefined ? {} : { patient: text(body.patient, 'patient') }),
    ...(body.permissions === undefined ? {} : { permissions: texts(body.permissions, 'permissions') }),
  };
  return app as NewApp;
}

/** What an operator can do about clients beside making, listing and revoking: see admin-acts.ts. */
export const clientActs = (house: House, place: Place): readonly Act[] => [
  {
    method: 'POST',
    path: /^\/apps$/,
    action: 'client-create',
    type: 'Client',
    async run(asked) {
      const tenant = await tenantOf(house, asked.body.tenant);
      const made = await inOneLine(house.identity.clients.register(wanted(tenant, asked)));
      const addresses = { token_url: `${place.url}/oauth2/token`, authorize_url: `${place.url}/oauth2/authorize` };
      return { result: { ...made, ...addresses }, tenant, targets: [{ type: 'Client', id: made.client_id }] };
    },
  },
  {
    method: 'GET',
    path: /^\/clients\/(?<id>[^/]+)$/,
    action: 'client-read',
    type: 'Client',
    async run({ params: { id = '' } }) {
      const client = await house.identity.clients.byId(id);
      if (client === undefined) throw fault('missing', 'No such client; `safeguard client list` shows them');
      return { result: client, tenant: client.tenant, targets: [{ type: 'Client', id }] };
    },
  },
  {
    method: 'POST',
    path: /^\/clients\/(?<id>[^/]+)\/rotate$/,
    action: 'client-rotate',
    type: 'Client',
    async run({ params: { id = '' }, body: { overlap_s } }) {
      const options = overlap_s === undefined ? {} : { overlap_s: Number(overlap_s) };
      const result = await house.identity.clients.rotateSecret(id, options);
      return { result, targets: [{ type: 'Client', id }] };
    },
  },
];
