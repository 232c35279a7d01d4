import { linkOf, type Operation, operation, pageQuery, slice } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { ApiDeps, GroupRights, GroupSummary } from './ports.ts';
import { createReach } from './reach.ts';
import * as schemas from './schemas.ts';

/** The group in the tenant. Fault `missing`: another tenant's is like none. */
async function groupOf(groups: GroupRights, tenant: number, id: string): Promise<GroupSummary> {
  const found = await groups.byId(tenant, id);
  if (found === undefined) throw fault('missing', 'There is nothing of this kind under this id.');
  return found;
}

/** What the groups of a directory give their members: nothing, until an administrator says so here. */
export const groupOperations = (groups: GroupRights, { scopes: rules }: Pick<ApiDeps, 'scopes'>): Operation[] => [
  operation({
    method: 'GET',
    path: '/groups',
    action: 'group-list',
    type: 'Group',
    summary: 'Lists the groups that a directory wrote',
    query: pageQuery,
    status: 200,
    answer: schemas.groupPage,
    async handle({ principal, query, context }) {
      const page = slice(await groups.list(principal.tenant), query);
      return { status: 200, body: { items: page.items, next: page.next }, headers: linkOf(context, page) };
    },
  }),
  operation({
    method: 'GET',
    path: '/groups/:id',
    params: { id: 'Group' },
    action: 'group-read',
    type: 'Group',
    summary: 'Reads a group',
    status: 200,
    answer: schemas.group,
    handle: async ({ principal, params: { id = '' } }) => ({
      status: 200,
      body: await groupOf(groups, principal.tenant, id),
    }),
  }),
  operation({
    method: 'PATCH',
    path: '/groups/:id',
    params: { id: 'Group' },
    action: 'group-change',
    type: 'Group',
    summary: 'Says what the members of a group may do',
    description: 'The scopes of every member change with it: their tokens and sessions end at once.',
    dangerous: true,
    body: schemas.groupChanges,
    status: 200,
    answer: schemas.group,
    async handle({ principal, params: { id = '' }, body: { scopes } }) {
      const before = await groupOf(groups, principal.tenant, id);
      createReach(rules).gives(principal, [...before.scopes, ...scopes]);
      return { status: 200, body: await groups.give(principal.tenant, id, scopes) };
    },
  }),
];
