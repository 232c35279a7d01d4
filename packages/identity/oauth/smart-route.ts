import type { Route } from '@safeguard/http';

const methods = ['client_secret_basic', 'client_secret_post'] as const;

/**
 * What is served, and nothing else (SMART App Launch 2.2, "Conformance"). There is no authorization endpoint in this
 * slice, hence no PKCE: `code_challenge_methods_supported`, which the guide asks for, would promise what is not there.
 */
const configuration = (base: string) => ({
  token_endpoint: `${base}/oauth2/token`,
  token_endpoint_auth_methods_supported: methods,
  grant_types_supported: ['client_credentials'],
  revocation_endpoint: `${base}/oauth2/revoke`,
  revocation_endpoint_auth_methods_supported: methods,
  scopes_supported: ['system/*.cruds', 'system/*.rs'],
  capabilities: ['client-confidential-symmetric', 'permission-v1', 'permission-v2'],
});

export const smartRoute = (): Route => ({
  method: 'GET',
  path: '/fhir/R4/.well-known/smart-configuration',
  action: 'smart-configuration',
  auth: 'none',
  errors: 'fhir',
  handle: ({ base }) => ({ status: 200, type: 'application/json', body: JSON.stringify(configuration(base)) }),
});
