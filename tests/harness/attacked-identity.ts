import { randomBytes, randomUUID } from 'node:crypto';
import type { Party } from './identity-house.ts';
import type { Asked } from './instance.ts';
import { basicOf, encoded, form, type Params } from './oauth-app.ts';

/** What a victim has and a thief of another tenant got to know. None of it is to help. */
export interface Spoils {
  readonly account: string;
  readonly administrator: string;
  /** Logins: whether somebody else has them is nobody's to learn. */
  readonly login: string;
  readonly otherLogin: string;
  readonly session: string;
  readonly factor: string;
  readonly client: string;
  /** The client id of an app. */
  readonly app: string;
  readonly group: string;
  readonly member: string;
  readonly provider: string;
  readonly grant: string;
  readonly record: string;
  readonly launch: string;
  readonly interaction: string;
  readonly code: string;
  readonly refresh: string;
  readonly access: string;
}
export type Kind = keyof Spoils;

const secret = (prefix: string) => (): string => `${prefix}${randomBytes(32).toString('base64url')}`;
const forms: Partial<Readonly<Record<Kind, () => string>>> = {
  login: () => `nobody-${randomUUID()}@default.example`,
  otherLogin: () => `nobody-${randomUUID()}@default.example`,
  launch: secret('sge_'),
  interaction: secret(''),
  code: secret(''),
  refresh: secret('sgr_'),
  access: secret('sgt_'),
};
/** Something of the same form that never was. */
export const neverOf = (kind: Kind): string => (forms[kind] ?? randomUUID)();

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
    tries: (id) => [api('POST', '/clients', { name: 'mine', scopes: ['system/*.rs'], patient: id })],
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
export const identityAttacks: Readonly<Record<string, IdentityTried>> = { ...onApi, ...onScim, ...onOAuth, ...onPages };

/** Routes that take no id of anything: they show what is the caller's own, or their tenant's. */
export const ownAlone: readonly string[] = [
  ...['GET', 'PATCH'].map((method) => `${method} /api/v1/me`),
  ...['factors', 'sessions', 'apps'].map((what) => `GET /api/v1/me/${what}`),
  'DELETE /api/v1/me/sessions',
  'GET /api/v1/providers',
  'POST /api/v1/providers',
  'GET /api/v1/branding',
  'PATCH /api/v1/branding',
  ...['ServiceProviderConfig', 'ResourceTypes', 'ResourceTypes/:id', 'Schemas', 'Schemas/:id'].map(
    (what) => `GET /scim/v2/${what}`,
  ),
  ...['', '/factors', '/factors/add', '/password', '/recovery-codes', '/sessions', '/apps'].map(
    (what) => `GET /account${what}`,
  ),
  ...['/factors/app', '/factors/app/code', '/factors/passkey', '/factors/passkey/options', '/password'].map(
    (what) => `POST /account${what}`,
  ),
  ...['/recovery-codes', '/sessions/end-all'].map((what) => `POST /account${what}`),
  'GET /oauth2/userinfo',
  'POST /oauth2/userinfo',
];

/** Routes that hang on a secret of 256 bits in a cookie or an address: who has none has nothing to try. */
export const bySecret: readonly string[] = [
  ...['first', 'join', 'recover'].flatMap((what) => [`GET /${what}/:link`, `POST /${what}/:link`]),
  ...['', '/confirm', '/second', '/second/recovery', '/account', '/password'].map((what) => `GET /sign-in${what}`),
  ...['/enrol', '/enrol/app', '/codes', '/done'].map((what) => `GET /sign-in${what}`),
  ...['', '/passkey', '/passkey/options', '/confirm', '/confirm/passkey', '/confirm/passkey/options'].map(
    (what) => `POST /sign-in${what}`,
  ),
  ...['/second/code', '/second/recovery', '/second/passkey', '/second/passkey/options', '/account'].map(
    (what) => `POST /sign-in${what}`,
  ),
  ...['/password', '/enrol/app', '/enrol/app/code', '/enrol/passkey', '/enrol/passkey/options', '/codes'].map(
    (what) => `POST /sign-in${what}`,
  ),
  'GET /sign-out',
  'POST /sign-out',
  'POST /oauth2/logout/confirm',
];

/** Routes whose ids are no secret, for everybody to ask: what they open for strangers is in identity-oauth*.test.ts. */
export const forEverybody: readonly string[] = [
  'GET /oauth2/authorize',
  'POST /oauth2/authorize',
  'GET /oauth2/logout',
  'POST /oauth2/logout',
  'GET /oauth2/jwks',
  'GET /.well-known/openid-configuration',
  'GET /.well-known/oauth-authorization-server',
  'GET /api/v1/openapi.json',
  'GET /assets/:name',
  'GET /assets/logo/:tenant',
  ...['POST /start', 'GET /callback', 'POST /acs', 'GET /finish', 'GET /metadata', 'POST /logout'].map((each) =>
    each.replace('/', '/federation/:provider/'),
  ),
];
