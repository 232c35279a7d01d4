import type { RequestContext } from '@safeguard/http';
import { told } from '../dynamic/bearer.ts';
import { registrationPath } from '../dynamic/register.ts';
import type { RegistrationDeps } from '../types.ts';
import { trustingTenant } from './register.ts';

const algorithms = ['RS256', 'RS384', 'ES256', 'ES384'];

/**
 * HL7 UDAP Security IG 1.0, 2.2, without `signed_metadata` (see README.md). `tenant` of the query: whose communities;
 * default `default`.
 */
export async function udapMetadata(deps: RegistrationDeps, { base, query }: RequestContext) {
  const { name } = await trustingTenant(deps, query.get('tenant') ?? 'default');
  return told(200, {
    udap_versions_supported: ['1'],
    udap_profiles_supported: ['udap_dcr', 'udap_authn'],
    udap_authorization_extensions_supported: [],
    udap_authorization_extensions_required: [],
    udap_certifications_supported: [],
    udap_certifications_required: [],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    authorization_endpoint: `${base}/oauth2/authorize`,
    token_endpoint: `${base}/oauth2/token`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    registration_endpoint: `${base}${registrationPath}/${name}`,
    registration_endpoint_jwt_signing_alg_values_supported: algorithms,
  });
}
