import {
  apiPrefix,
  etagOf,
  isWithin,
  linkOf,
  type Operation,
  operation,
  type Principal,
  pageQuery,
  slice,
  type View,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { ClientSummary } from '../types.ts';
import type { ApiDeps } from './ports.ts';
import { createReach } from './reach.ts';
import * as schemas from './schemas.ts';
import { clientView } from './views.ts';

type Deps = Pick<ApiDeps, 'clients'>;

/** The client in the caller's tenant. Fault `missing`: another tenant's is like none. */
async function clientOf({ clients }: Deps, { tenant }: Principal, id: string): Promise<ClientSummary> {
  const found = await clients.byId(id);
  if (found === undefined || found.tenant !== tenant)
    throw fault('missing', 'There is nothing of this kind under this id.');
  return found;
}

/** A program that sees no identities makes no client that does. */
function checkView({ kind, view }: Principal, wanted: View): void {
  if (kind !== 'client' || isWithin(wanted, view)) return;
  throw fault('forbidden', 'Access denied: a program gives no more than it has itself.');
}

/** Who sees records has been reviewed by somebody else: there is no way round it here. */
function checkReviewed(scopes: readonly string[]): void {
  if (!scopes.some((scope) => /^(?:system|user|patient)\//.test(scope))) return;
  const text = 'Scopes of records take a review: register the program as an application (/api/v1/applications).';
  throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: '/scopes' }] });
}

const reading = (deps: Deps): Operation[] => [
  operation({
    method: 'GET',
    path: '/clients',
    action: 'client-list',
    type: 'Client',
    summary: 'Lists the clients, revoked ones too',
    query: pageQuery,
    status: 200,
    answer: schemas.clientPage,
    async handle({ principal, query, context }) {
      const all = await deps.clients.list(principal.tenant);
      const page = slice(
        all.map((one) => ({ id: one.client_id, one })),
        query,
      );
      const body = { items: page.items.map(({ one }) => clientView(one)), next: page.next };
      return { status: 200, body, headers: linkOf(context, page) };
    },
  }),
  operation({
    method: 'GET',
    path: '/clients/:id',
    params: { id: 'Client' },
    action: 'client-read',
    type: 'Client',
    summary: 'Reads a client; nothing of its secret',
    status: 200,
    answer: schemas.client,
    async handle({ principal, params: { id = '' } }) {
      const body = clientView(await clientOf(deps, principal, id));
      return { status: 200, body, headers: { ETag: etagOf(body) } };
    },
  }),
];

/** Confidential clients. Apps with a workflow of review are registered elsewhere. */
export function clientOperations(deps: ApiDeps): Operation[] {
  const reach = createReach(deps.scopes);
  return [
    operation({
      method: 'POST',
      path: '/clients',
      action: 'client-create',
      type: 'Client',
      summary: 'Makes a confidential client for the product’s own interface',
      description:
        'Its scopes are `safeguard/…`: accounts, clients, SCIM, launches. Whatever reads records is registered as ' +
        'an application, and approved by somebody else. The secret is shown once and kept as a hash.',
      dangerous: true,
      body: schemas.newClient,
      status: 201,
      answer: schemas.credentials,
      async handle({ principal, body: { patient, ...body }, context }) {
        reach.gives(principal, body.scopes);
        checkView(principal, body.view);
        checkReviewed(body.scopes);
        const limits = patient === undefined ? {} : { patient };
        const { client_id, client_secret } = await deps.clients.create({
          ...body,
          ...limits,
          tenant: principal.tenant,
        });
        const headers = { Location: `${context.base}${apiPrefix}/clients/${client_id}` };
        return {
          status: 201,
          body: { client_id, client_secret },
          headers,
          targets: [{ type: 'Client', id: client_id }],
        };
      },
    }),
    ...reading(deps),
    operation({
      method: 'DELETE',
      path: '/clients/:id',
      params: { id: 'Client' },
      action: 'client-revoke',
      type: 'Client',
      summary: 'Revokes a client and its tokens, at once and for good',
      status: 204,
      async handle({ principal, params: { id = '' } }) {
        await clientOf(deps, principal, id);
        await deps.clients.revoke(id);
        return { status: 204 };
      },
    }),
    operation({
      method: 'POST',
      path: '/clients/:id/rotate-secret',
      params: { id: 'Client' },
      action: 'client-rotate',
      type: 'Client',
      summary: 'Gives a client a new secret; the one before stays valid for a while',
      dangerous: true,
      body: schemas.rotation,
      status: 200,
      answer: schemas.credentials,
      async handle({ principal, params: { id = '' }, body: { overlap_s } }) {
        const client = await clientOf(deps, principal, id);
        reach.gives(principal, client.scopes);
        checkView(principal, client.view);
        const { client_id, client_secret } = await deps.clients.rotateSecret(id, { overlap_s });
        return { status: 200, body: { client_id, client_secret } };
      },
    }),
  ];
}
