import type { Operation } from '@safeguard/http';
import { invitationOperations } from '../registration/invitation-operations.ts';
import { applicationOperations } from '../registration/operations.ts';
import { accountOperations } from './account-operations.ts';
import { clientOperations } from './client-operations.ts';
import { groupOperations } from './group-operations.ts';
import { externalIdentityOperations } from './identity-operations.ts';
import { linkOperations } from './link-operations.ts';
import type { ApiDeps } from './ports.ts';
import { providerOperations } from './provider-operations.ts';
import { selfOperations } from './self-operations.ts';
import { sessionOperations } from './session-operations.ts';
import { tenantOperations } from './tenant-operations.ts';

function registering({ registration, guard }: ApiDeps): Operation[] {
  if (registration === undefined) return [];
  return [...applicationOperations({ registration, guard }), ...invitationOperations({ registration, guard })];
}

const ofClients = new Set(['Client', 'Application', 'Invitation']);

/** With which scope an app or a program may: the tables of `access` say the same, and are what counts. */
const scoped = (one: Operation): Operation =>
  one.self === true ? one : { ...one, scope: ofClients.has(one.type) ? 'safeguard/clients' : 'safeguard/accounts' };

/** What administrators and everybody for themselves may do over `/api/v1`, besides the pages: to be served. */
export const identityOperations = (deps: ApiDeps): Operation[] =>
  [
    ...selfOperations(deps),
    ...accountOperations(deps),
    ...linkOperations(deps),
    ...sessionOperations(deps),
    ...clientOperations(deps),
    ...(deps.groups === undefined ? [] : groupOperations(deps.groups, deps)),
    ...(deps.providers === undefined ? [] : providerOperations(deps.providers)),
    ...(deps.identities === undefined ? [] : externalIdentityOperations(deps, deps.identities)),
    ...tenantOperations(deps),
    ...registering(deps),
  ].map(scoped);
