import { randomUUID } from 'node:crypto';
import type { Party } from './identity-house.ts';
import type { Asked } from './instance.ts';
import { basicOf, encoded, form, type Params } from './oauth-app.ts';
import type { Kind } from './spoils.ts';

/**
 * Who tries: browsers of an administrator and of a worker, their app, clients of the thief's tenant; `nobody` brings
 * nothing but what the request itself says.
 */
export type Thief = 'administrator' | 'worker' | 'app' | 'manager' | 'directory' | 'nobody';
const everybody: readonly Thief[] = ['administrator', 'worker', 'app', 'manager', 'directory'];
const browsers: readonly Thief[] = ['administrator', 'worker'];
const programs: readonly Thief[] = ['app', 'manager', 'directory'];

export interface IdentityTried {
  readonly of: readonly Kind[];
  readonly by: readonly Thief[];
  readonly tries: (id: string, thief: Party) => readonly Asked[];
  /** Statuses beside 4xx: the route does something, and the id makes no difference. */
  readonly served?: readonly number[];
}

const json = { 'content-type': 'application/json' };
const api = (method: string, path: string, body?: object): Asked => ({
  method,
  path: `/api/v1${path}`,
  headers: json,
  ...(body === undefined ? {} : { body }),
});
const scimType = { 'content-type': 'application/scim+json' };
const scim = (method: string, path: string, body?: object): Asked => ({
  method,
  path: `/scim/v2${path}`,
  headers: scimType,
  ...(body === undefined ? {} : { body }),
});
const sent = (path: string, fields: Params = {}, headers: Readonly<Record<string, string>> = {}): Asked => ({
  method: 'POST',
  path,
  headers: { ...form, ...headers },
  body: encoded(fields),
});

/** One request with the id in the path. */
const one =
  (method: string, path: string, body?: object) =>
  (id: string): Asked[] => [api(method, path.replace('$', id), body)];

const accountRoutes = (): [string, IdentityTried][] => {
  const bodies: Readonly<Record<string, object>> = {
    'PATCH ': { name: 'Somebody' },
    'POST /links': { purpose: 'recovery' },
  };
  const all = ['GET ', 'PATCH ', 'POST /suspend', 'POST /resume', 'POST /terminate', 'POST /links'];
  return [...all, 'GET /sessions', 'DELETE /sessions', 'GET /factors'].map((each) => {
    const [method = '', rest = ''] = each.split(' ');
    const tries = one(method, `/accounts/$${rest}`, bodies[each]);
    return [`${method} /api/v1/accounts/:id${rest}`, { of: ['account', 'administrator'], by: everybody, tries }];
  });
};

const onApi: Readonly<Record<string, IdentityTried>> = {
  ...Object.fromEntries(accountRoutes()),
  'GET /api/v1/accounts/:id/identities': {
    of: ['account', 'administrator'],
    by: everybody,
    tries: one('GET', '/accounts/$/identities'),
  },
  'POST /api/v1/accounts/:id/identities': {
    of: ['account', 'administrator', 'provider'],
    by: everybody,
    tries: (id, { worker }) => [
      api('POST', `/accounts/${id}/identities`, { provider: randomUUID(), subject: 'somebody' }),
      api('POST', `/accounts/${worker.id}/identities`, { provider: id, subject: 'somebody' }),
    ],
  },
  'DELETE /api/v1/accounts/:id/identities/:provider': {
    of: ['account', 'administrator', 'provider'],
    by: everybody,
    tries: (id, { worker }) => [
      api('DELETE', `/accounts/${id}/identities/${randomUUID()}`),
      api('DELETE', `/accounts/${worker.id}/identities/${id}`),
    ],
  },
  'DELETE /api/v1/accounts/:id/sessions/:session': {
    of: ['session'],
    by: everybody,
    tries: (id, { worker }) => [
      api('DELETE', `/accounts/${worker.id}/sessions/${id}`),
      api('DELETE', `/accounts/${randomUUID()}/sessions/${id}`),
    ],
  },
  'DELETE /api/v1/me/sessions/:session': { of: ['session'], by: everybody, tries: one('DELETE', '/me/sessions/$') },
  'DELETE /api/v1/me/apps/:app': { of: ['grant'], by: everybody, tries: one('DELETE', '/me/apps/$') },
  'POST /api/v1/accounts': {
    of: ['record'],
    by: ['administrator', 'manager'],
    tries: (id) => [
      api('POST', '/accounts', {
        ...{ kind: 'patient', login: `${randomUUID()}@mail.example`, name: 'Pat' },
        ...{ scopes: [], patients: [id] },
      }),
    ],
    served: [201],
  },
  'GET /api/v1/accounts': { of: ['account'], by: everybody, tries: one('GET', '/accounts?after=$') },
  'GET /api/v1/clients': { of: ['client'], by: everybody, tries: one('GET', '/clients?after=$') },
  'GET /api/v1/groups': { of: ['group'], by: everybody, tries: one('GET', '/groups?after=$') },
  'POST /api/v1/clients': {
    of: ['record'],
    by: ['administrator', 'manager'],
    tries: (id) => [api('POST', '/clients', { name: 'mine', scopes: ['safeguard/scim'], patient: id })],
    served: [201],
  },
  'GET /api/v1/clients/:id': { of: ['client', 'app'], by: everybody, tries: one('GET', '/clients/$') },
  'DELETE /api/v1/clients/:id': { of: ['client', 'app'], by: everybody, tries: one('DELETE', '/clients/$') },
  'POST /api/v1/clients/:id/rotate-secret': {
    of: ['client', 'app'],
    by: everybody,
    tries: one('POST', '/clients/$/rotate-secret', { overlap_s: 0 }),
  },
  'GET /api/v1/groups/:id': { of: ['group'], by: everybody, tries: one('GET', '/groups/$') },
  'PATCH /api/v1/groups/:id': {
    of: ['group'],
    by: everybody,
    tries: one('PATCH', '/groups/$', { scopes: ['user/*.rs'] }),
  },
  'GET /api/v1/providers/:id': { of: ['provider'], by: everybody, tries: one('GET', '/providers/$') },
  'PATCH /api/v1/providers/:id': {
    of: ['provider'],
    by: everybody,
    tries: (id) => [
      api('PATCH', `/providers/${id}`, { enabled: true }),
      api('PATCH', `/providers/${id}`, { label: 'Mine' }),
    ],
  },
  'DELETE /api/v1/providers/:id': {
    of: ['provider'],
    by: everybody,
    tries: one('DELETE', '/providers/$'),
    // What is not there is removed: twice is once.
    served: [204],
  },
  'POST /api/v1/launches': {
    of: ['app', 'record', 'account'],
    by: everybody,
    tries: (id, { app, record }) => [
      api('POST', '/launches', { client_id: id, patient: record }),
      api('POST', '/launches', { client_id: app.client_id, patient: id }),
      api('POST', '/launches', { client_id: app.client_id, patient: record, account: id }),
    ],
  },
};

const decision = { version: 1, reason: 'mine', decision: 'refuse' };
/** By method and what follows the id: the body. */
const applicationBodies: Readonly<Record<string, object | undefined>> = {
  ...{ 'GET ': undefined, 'GET /history': undefined, 'GET /proofs': undefined },
  ...{ 'PATCH ': { name: 'Mine' }, 'POST /submit': undefined, 'POST /withdraw': undefined },
  ...{ 'POST /decision': decision, 'POST /revoke': { reason: 'mine' }, 'POST /rotate-secret': {} },
  'POST /rotate-key': { jwks: { keys: [{ kid: 'k', kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }] } },
};
const registration: Readonly<Record<string, IdentityTried>> = {
  ...Object.fromEntries(
    Object.entries(applicationBodies).map(([each, body]): [string, IdentityTried] => {
      const [method = '', rest = ''] = each.split(' ');
      const tries = one(method, `/applications/$${rest}`, body);
      return [`${method} /api/v1/applications/:id${rest}`, { of: ['application', 'app'], by: everybody, tries }];
    }),
  ),
  'GET /api/v1/applications': { of: ['application'], by: everybody, tries: one('GET', '/applications?after=$') },
  'DELETE /api/v1/invitations/:id': { of: ['invitation'], by: everybody, tries: one('DELETE', '/invitations/$') },
  ...Object.fromEntries(
    ['GET ', 'GET /edit', 'GET /decide', 'POST /edit', 'POST /submit', 'POST /withdraw', 'POST /revoke', 'POST /decide']
      .concat('POST /secret')
      .map((each): [string, IdentityTried] => {
        const [method = '', rest = ''] = each.split(' ');
        const tries = (id: string): Asked[] => [
          method === 'GET'
            ? { path: `/applications/${id}${rest}` }
            : sent(`/applications/${id}${rest}`, { name: 'Mine' }),
        ];
        return [`${method} /applications/:id${rest}`, { of: ['application'], by: browsers, tries }];
      }),
  ),
  ...Object.fromEntries(
    ['GET', 'PUT', 'DELETE'].map((method): [string, IdentityTried] => [
      `${method} /oauth2/register/:id`,
      {
        of: ['app', 'application'],
        by: [...programs, 'nobody'],
        tries: (id) => [
          {
            ...{ method, path: `/oauth2/register/${id}`, headers: json },
            ...(method === 'PUT' ? { body: { client_id: id, client_name: 'Mine' } } : {}),
          },
        ],
      },
    ]),
  ),
};

const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], active: true };
const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Mine' };
const patch = (value: unknown, path: string): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'add', path, value }],
});
const search = (filter: string): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
  filter,
});
const both = ['member', 'account'] as const;

const onScim: Readonly<Record<string, IdentityTried>> = {
  'POST /scim/v2/Users': {
    of: ['login'],
    by: ['directory'],
    tries: (id) => [scim('POST', '/Users', { ...user, userName: id })],
    served: [201],
  },
  'GET /scim/v2/Users': {
    of: [...both, 'otherLogin'],
    by: programs,
    tries: (id) => [
      scim('GET', `/Users?filter=${encodeURIComponent(`id eq "${id}"`)}`),
      scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${id}"`)}`),
      scim('GET', `/Users?filter=${encodeURIComponent(`groups.value eq "${id}"`)}`),
    ],
    served: [200],
  },
  'POST /scim/v2/Users/.search': {
    of: [...both, 'otherLogin'],
    by: programs,
    tries: (id) => [
      scim('POST', '/Users/.search', search(`id eq "${id}"`)),
      scim('POST', '/Users/.search', search(`userName eq "${id}"`)),
    ],
    served: [200],
  },
  'GET /scim/v2/Users/:id': { of: both, by: programs, tries: (id) => [scim('GET', `/Users/${id}`)] },
  'PUT /scim/v2/Users/:id': {
    of: both,
    by: programs,
    tries: (id) => [scim('PUT', `/Users/${id}`, { ...user, userName: 'mine@thief.example' })],
  },
  'PATCH /scim/v2/Users/:id': {
    of: both,
    by: programs,
    tries: (id) => [scim('PATCH', `/Users/${id}`, patch(false, 'active'))],
  },
  'DELETE /scim/v2/Users/:id': { of: both, by: programs, tries: (id) => [scim('DELETE', `/Users/${id}`)] },
  'POST /scim/v2/Groups': {
    of: both,
    by: programs,
    tries: (id) => [scim('POST', '/Groups', { ...group, members: [{ value: id }] })],
  },
  'GET /scim/v2/Groups': {
    of: ['group', ...both],
    by: programs,
    tries: (id) => [
      scim('GET', `/Groups?filter=${encodeURIComponent(`id eq "${id}"`)}`),
      scim('GET', `/Groups?filter=${encodeURIComponent(`members.value eq "${id}"`)}`),
    ],
    served: [200],
  },
  'POST /scim/v2/Groups/.search': {
    of: ['group'],
    by: programs,
    tries: (id) => [scim('POST', '/Groups/.search', search(`id eq "${id}"`))],
    served: [200],
  },
  'GET /scim/v2/Groups/:id': { of: ['group'], by: programs, tries: (id) => [scim('GET', `/Groups/${id}`)] },
  'PUT /scim/v2/Groups/:id': { of: ['group'], by: programs, tries: (id) => [scim('PUT', `/Groups/${id}`, group)] },
  'PATCH /scim/v2/Groups/:id': {
    of: ['group'],
    by: programs,
    tries: (id) => [scim('PATCH', `/Groups/${id}`, patch('Mine', 'displayName'))],
  },
  'DELETE /scim/v2/Groups/:id': { of: ['group'], by: programs, tries: (id) => [scim('DELETE', `/Groups/${id}`)] },
};

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessType = 'urn:ietf:params:oauth:token-type:access_token';
/** To an endpoint where a client proves itself: the thief's app does. */
const proven = (path: string, { app }: Party, params: Params): Asked => ({
  ...sent(path, params, { authorization: basicOf(app) }),
});

const onOAuth: Readonly<Record<string, IdentityTried>> = {
  'POST /oauth2/token': {
    of: ['code', 'refresh', 'access'],
    by: ['nobody'],
    tries: (id, thief) => [
      proven('/oauth2/token', thief, {
        ...{ grant_type: 'authorization_code', code: id, redirect_uri: thief.app.redirect_uri },
        code_verifier: 'v'.repeat(43),
      }),
      proven('/oauth2/token', thief, { grant_type: 'refresh_token', refresh_token: id }),
      proven('/oauth2/token', thief, { grant_type: exchange, subject_token: id, subject_token_type: accessType }),
    ],
  },
  'POST /oauth2/revoke': {
    of: ['refresh', 'access'],
    by: ['nobody'],
    tries: (id, thief) => [proven('/oauth2/revoke', thief, { token: id })],
    served: [200],
  },
  'POST /oauth2/introspect': {
    of: ['refresh', 'access', 'code'],
    by: ['nobody'],
    tries: (id, thief) => [
      proven('/oauth2/introspect', thief, { token: id }),
      proven('/oauth2/introspect', thief, { token: id, token_type_hint: 'refresh_token' }),
    ],
    served: [200],
  },
  'POST /oauth2/par': {
    of: ['app', 'client'],
    by: ['nobody'],
    tries: (id, thief) => [
      proven('/oauth2/par', thief, { client_id: id, response_type: 'code' }),
      sent('/oauth2/par', { client_id: id, client_secret: thief.app.client_secret, response_type: 'code' }),
    ],
  },
};

const interaction = (path: string): [string, IdentityTried] => [
  `${path === '' ? 'GET' : 'POST'} /interaction/:uid${path}`,
  {
    of: ['interaction'],
    by: browsers,
    tries: (id) => [path === '' ? { path: `/interaction/${id}` } : sent(`/interaction/${id}${path}`)],
  },
];

const onPages: Readonly<Record<string, IdentityTried>> = {
  ...Object.fromEntries(['', '/search', '/patient', '/encounter', '/consent', '/deny'].map(interaction)),
  'GET /oauth2/authorize/:uid': {
    of: ['interaction'],
    by: browsers,
    tries: (id) => [{ path: `/oauth2/authorize/${id}` }],
  },
  'GET /account/factors/:factor/remove': {
    of: ['factor'],
    by: browsers,
    tries: (id) => [{ path: `/account/factors/${id}/remove` }],
  },
  'POST /account/factors/:factor/remove': {
    of: ['factor'],
    by: browsers,
    tries: (id) => [sent(`/account/factors/${id}/remove`)],
  },
  'POST /account/sessions/:session/end': {
    of: ['session'],
    by: browsers,
    tries: (id) => [sent(`/account/sessions/${id}/end`)],
  },
  'POST /account/apps/:grant/end': { of: ['grant'], by: browsers, tries: (id) => [sent(`/account/apps/${id}/end`)] },
  'POST /sign-in/with/:provider': {
    of: ['provider'],
    by: browsers,
    tries: (id, { tenant }) => [sent(`/sign-in/with/${id}`, { tenant })],
  },
  'POST /federation/:provider/link': {
    of: ['provider'],
    by: browsers,
    tries: (id) => [sent(`/federation/${id}/link`)],
  },
};

/** By route, what is tried with what a victim of another tenant has. */
export const identityAttacks: Readonly<Record<string, IdentityTried>> = {
  ...onApi,
  ...registration,
  ...onScim,
  ...onOAuth,
  ...onPages,
};
