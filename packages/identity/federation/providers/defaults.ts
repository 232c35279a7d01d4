import type { OidcSettings, ProviderSettings, SamlSettings } from '../types.ts';

const common = {
  accounts: 'linked',
  scopes: [],
  domains: [],
  claims: {},
  directory: 'none',
  trusted_acr: [],
  trusted_amr: [],
  password: 'kept',
} as const satisfies Partial<ProviderSettings>;

/** What a provider has where nothing was said: the narrow choice each time. */
export const defaults = {
  oidc: {
    ...common,
    client_auth: 'client_secret_basic',
    request_scopes: ['email', 'profile'],
    userinfo: false,
    email_verified: 'required',
  } satisfies Partial<OidcSettings>,
  saml: { ...common } satisfies Partial<SamlSettings>,
};
