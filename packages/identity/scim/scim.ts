import type { Route } from '@safeguard/http';
import type { Directory, GroupRights } from '../api/ports.ts';
import type { DirectoryLookup } from '../federation/types.ts';
import type { ScopeRules } from '../types.ts';
import { answer, baseOf, memberOf } from './asked.ts';
import { listResponse, resourceTypes, schemas, serviceProviderConfig } from './discovery.ts';
import { groupRoutes } from './group-routes.ts';
import { createGroups } from './groups/groups.ts';
import { createGroupRights } from './groups/rights.ts';
import { createSettling } from './groups/settle.ts';
import { createGroupStore } from './groups/store.ts';
import type { Resource } from './match.ts';
import type { ScimDeps } from './ports.ts';
import { createMakeRoute, type MakeRoute } from './route.ts';
import { userRoutes } from './user-routes.ts';
import { createNamed } from './users/named.ts';
import { createUserStore } from './users/store.ts';
import { createUsers } from './users/users.ts';

export interface Scim {
  routes(): Route[];
  /** What groups give, for `/api/v1`. */
  readonly groups: GroupRights;
  readonly directory: Directory;
  /** Who is who in the directory, for single sign-on. */
  readonly byExternalId: DirectoryLookup;
  /** Finishes what was cut off: rights that do not follow their groups yet, rows of accounts that ended. */
  sweep(tenants: readonly number[]): Promise<number>;
}

type OfBase = (base: string) => ReadonlyMap<string, Resource>;

const lists = (route: MakeRoute, path: string, of: OfBase): Route[] => [
  route('GET', path, 'scim-list', 'Account', (context) => {
    const all = [...of(baseOf(context)).values()];
    return answer(200, listResponse(all, all.length));
  }),
  route('GET', `${path}/:id`, 'scim-list', 'Account', (context) =>
    answer(200, memberOf(of(baseOf(context)), context.params['id'])),
  ),
];

const discovery = (route: MakeRoute): Route[] => [
  route('GET', '/ServiceProviderConfig', 'scim-list', 'Account', (context) =>
    answer(200, serviceProviderConfig(baseOf(context))),
  ),
  ...lists(route, '/ResourceTypes', resourceTypes),
  ...lists(route, '/Schemas', schemas),
];

/** SCIM 2.0 (RFC 7643, 7644): a tenant's directory provisions members of the workforce, and their groups. */
export function createScim(deps: ScimDeps & { readonly scopes: Pick<ScopeRules, 'isScope' | 'normalScope'> }): Scim {
  const store = createUserStore(deps);
  const users = createUsers(deps, store);
  const groupStore = createGroupStore(deps);
  const settling = createSettling(deps);
  const groups = createGroups(deps, groupStore, settling);
  const route = createMakeRoute(deps.guard);
  return {
    routes: () => [
      ...discovery(route),
      ...userRoutes({ users, store, groups: groupStore }, route),
      ...groupRoutes({ groups, store: groupStore }, route),
    ],
    groups: createGroupRights(deps, groupStore, settling),
    directory: { hold: store.hold },
    byExternalId: createNamed(store),
    async sweep(tenants) {
      let count = 0;
      for (const tenant of tenants) count += (await settling.settleAll(tenant)) + (await store.sweep(tenant));
      return count;
    },
  };
}
