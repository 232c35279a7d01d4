export { identityOperations } from './api/api.ts';
export { launchDescription } from './api/launch-description.ts';
export { identityChecks } from './checks/checks.ts';
export type { IdentityCheckDeps, NamedActor, ServedRoute } from './checks/deps.ts';
export { createIdentity } from './identity.ts';
export { migrations } from './migrations.ts';
export type { PatientPort } from './oauth/smart/types.ts';
export { brandOf } from './pages/logo.ts';
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
  TenantSettings,
  Tenants,
  Tokens,
  View,
} from './types.ts';
