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
  'POST /api/v1/applications',
  ...['GET', 'POST'].map((method) => `${method} /api/v1/invitations`),
  ...['', '/new', '/review'].map((what) => `GET /applications${what}`),
  'POST /applications',
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
  'POST /oauth2/register',
  'GET /trust/reports/:secret',
  'POST /trust/reports/:secret',
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
  'GET /.well-known/udap',
  'GET /fhir/R4/.well-known/udap',
  'POST /oauth2/register/:tenant',
  // Published by the operator: of the platform, and of nobody.
  ...['', '.json', '/controls', '/controls/:id', '/policies', '/policies/:id', '/reports', '/reports/thanks'].map(
    (what) => `GET /trust${what}`,
  ),
  'POST /trust/reports',
  'GET /assets/:name',
  'GET /assets/logo/:tenant',
  ...['POST /start', 'GET /callback', 'POST /acs', 'GET /finish', 'GET /metadata', 'POST /logout'].map((each) =>
    each.replace('/', '/federation/:provider/'),
  ),
];
