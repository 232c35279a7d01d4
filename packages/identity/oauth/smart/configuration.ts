import type { Route } from '@safeguard/http';

/** What of the configuration hangs on settings and on what the composition root wired. */
export interface SmartFeatures {
  /** Certificates are asked for in the handshake (RFC 8705). */
  readonly mtls?: boolean;
  /** Encounters can be chosen: the encounter context is offered outside an EHR launch too. */
  readonly encounters?: boolean;
  /** The EHR launch API is served. Default true. */
  readonly ehrLaunch?: boolean;
}

const capabilitiesOf = ({ encounters, ehrLaunch = true }: SmartFeatures): string[] => [
  ...(ehrLaunch ? ['launch-ehr'] : []),
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  ...(ehrLaunch ? ['context-banner', 'context-style', 'context-ehr-patient', 'context-ehr-encounter'] : []),
  'context-standalone-patient',
  ...(encounters === true ? ['context-standalone-encounter'] : []),
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
];

/** A few of the many: the guide asks for those that an app is likely to want. */
const scopes = [
  'openid',
  'profile',
  'email',
  'fhirUser',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
  'patient/*.cruds',
  'user/*.cruds',
  'system/*.cruds',
];

/** SMART App Launch 2.2, "Conformance": what is served, and nothing else. */
function smartConfiguration(base: string, features: SmartFeatures): Readonly<Record<string, unknown>> {
  const oauth = `${base}/oauth2`;
  const methods = [
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
    ...(features.mtls === true ? ['tls_client_auth', 'self_signed_tls_client_auth'] : []),
  ];
  return {
    issuer: base,
    jwks_uri: `${oauth}/jwks`,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    introspection_endpoint: `${oauth}/introspect`,
    revocation_endpoint: `${oauth}/revoke`,
    management_endpoint: `${base}/account`,
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    revocation_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_methods_supported: methods,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: scopes,
    capabilities: capabilitiesOf(features),
  };
}

export const smartConfigurationRoute = (features: SmartFeatures): Route => ({
  method: 'GET',
  path: '/fhir/R4/.well-known/smart-configuration',
  action: 'smart-configuration',
  auth: 'none',
  errors: 'fhir',
  handle: ({ base }) => ({
    status: 200,
    type: 'application/json',
    headers: { 'Access-Control-Allow-Origin': '*' },
    body: JSON.stringify(smartConfiguration(base, features)),
  }),
});
