export { createIdentity } from './identity.ts';
export { migrations } from './migrations.ts';
export type {
  ClientCredentials,
  ClientSummary,
  Clients,
  Identity,
  IdentityDeps,
  IdentityLog,
  IdentitySettings,
  IssuedToken,
  NewClient,
  ScopeRules,
  Tenant,
  Tenants,
  Tokens,
  View,
} from './types.ts';
