import type { Flows } from '../flows.ts';
import type { IdentityRows } from '../identities/rows.ts';
import type { Connections } from '../oidc/connect.ts';
import type { ProviderRows } from '../providers/rows.ts';
import type { FederationDeps } from '../types.ts';

/** What the routes work with. */
export interface RouteDeps extends FederationDeps {
  readonly rows: ProviderRows;
  readonly identities: IdentityRows;
  readonly flows: Flows;
  readonly connections: Connections;
}
