import type { Route } from '@safeguard/http';
import { invitationOperations } from '../registration/invitation-operations.ts';
import { applicationOperations } from '../registration/operations.ts';
import { accountOperations } from './account-operations.ts';
import { clientOperations } from './client-operations.ts';
import { documentOf } from './document.ts';
import { groupOperations } from './group-operations.ts';
import { identityOperations } from './identity-operations.ts';
import { launchDescription } from './launch-description.ts';
import { linkOperations } from './link-operations.ts';
import { type Operation, prefix, routeOf } from './operation.ts';
import type { ApiDeps } from './ports.ts';
import { providerOperations } from './provider-operations.ts';
import { selfOperations } from './self-operations.ts';
import { sessionOperations } from './session-operations.ts';
import { tenantOperations } from './tenant-operations.ts';

export interface Api {
  routes(): Route[];
  /** OpenAPI 3.1, for a server at `base`. */
  document(base: string): object;
}

function registering({ registration, guard }: ApiDeps): Operation[] {
  if (registration === undefined) return [];
  return [...applicationOperations({ registration, guard }), ...invitationOperations({ registration, guard })];
}

const operationsOf = (deps: ApiDeps): Operation[] => [
  ...selfOperations(deps),
  ...accountOperations(deps),
  ...linkOperations(deps),
  ...sessionOperations(deps),
  ...clientOperations(deps),
  ...(deps.groups === undefined ? [] : groupOperations(deps.groups, deps)),
  ...(deps.providers === undefined ? [] : providerOperations(deps.providers)),
  ...(deps.identities === undefined ? [] : identityOperations(deps, deps.identities)),
  ...tenantOperations(deps),
  ...registering(deps),
];

/** The description is no secret: it stands in the repository. */
function documentRoute(operations: readonly Operation[]): Route {
  // Anyone may ask, so it is made once: a server has one base.
  let made: { readonly base: string; readonly body: string } | undefined;
  return {
    method: 'GET',
    path: `${prefix}/openapi.json`,
    action: 'api-describe',
    auth: 'none',
    errors: 'problem',
    handle({ base }) {
      if (made?.base !== base)
        made = { base, body: JSON.stringify(documentOf([...operations, launchDescription], base)) };
      return { status: 200, type: 'application/json', body: made.body };
    },
  };
}

/** The product's own API, `/api/v1`: what administrators and everybody for themselves may do, besides the pages. */
export function createApi(deps: ApiDeps): Api {
  const operations = operationsOf(deps);
  return {
    routes: () => [documentRoute(operations), ...operations.map((one) => routeOf(deps, one))],
    document: (base) => documentOf([...operations, launchDescription], base),
  };
}

/** Where the committed document says that the server is. */
const usualBase = 'https://localhost:8443';

/**
 * The document as it is committed (`docs/api/openapi.json`), with everything in it. Operations are only described here,
 * none is run: what they would need is not there.
 */
export function apiDocument(base: string = usualBase): string {
  const nothing = new Proxy({}, { get: () => nothing }) as never;
  return `${JSON.stringify(createApi(nothing).document(base), undefined, 2)}\n`;
}
