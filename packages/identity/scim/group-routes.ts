import { type Answer, checkIfMatch, etagOf, type RequestContext, type Route } from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import {
  answer,
  baseOf,
  bodyOf,
  resourceAnswer,
  type Search,
  searchOf,
  searchOfBody,
  selectionOf,
  versionOf,
} from './asked.ts';
import { groupKind, groupSchema } from './attributes.ts';
import { listResponse } from './discovery.ts';
import type { Filter } from './filter.ts';
import type { FullGroup, Groups } from './groups/groups.ts';
import { type Group, type GroupStore, mostGroups } from './groups/store.ts';
import { checkNames, demanded, matches, type Resource } from './match.ts';
import { applyPatch, stepsOf } from './patch.ts';
import type { MakeRoute } from './route.ts';
import { type Selection, select } from './select.ts';
import { resourceOf } from './values.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** The Group (RFC 7643 4.2). Its version follows name and members. */
function groupResource(base: string, { group, members }: FullGroup): Resource {
  const { id, displayName, externalId, created_at, changed_at } = group;
  const listed = members.map((value) => ({ value, type: 'User', $ref: `${base}/Users/${value}` }));
  const body = {
    schemas: [groupSchema],
    id,
    ...(externalId === undefined ? {} : { externalId }),
    displayName,
    ...(listed.length === 0 ? {} : { members: listed }),
  };
  const meta = {
    resourceType: 'Group',
    created: iso(created_at),
    lastModified: iso(changed_at),
    location: `${base}/Groups/${id}`,
    version: `W/${etagOf(body)}`,
  };
  return { ...body, meta };
}

interface GroupParts {
  readonly groups: Groups;
  readonly store: GroupStore;
}

const named = (names: readonly string[]): boolean => names.some((name) => /^(urn:.*:)?members\b/i.test(name));
const mentions = (filter: Filter | undefined): boolean =>
  JSON.stringify(filter ?? {})
    .toLowerCase()
    .includes('members');

/** Members are looked up only where they are answered or filtered by: a group may have thousands. */
const wantsMembers = ({ attributes, excluded }: Selection, filter?: Filter): boolean =>
  mentions(filter) || (attributes.length > 0 ? named(attributes) : !named(excluded));

function one(context: RequestContext, full: FullGroup, status: 200 | 201 = 200): Answer {
  const whole = groupResource(baseOf(context), full);
  const targets = [{ type: 'Group', id: full.group.id }];
  return resourceAnswer(context, whole, select(groupKind, whole, selectionOf(context)), { status, targets });
}

async function candidates({ store }: GroupParts, tenant: number, filter: Filter): Promise<Group[]> {
  const id = demanded(filter, 'id');
  if (id === undefined) return store.page(tenant, 0, mostGroups);
  const found = isUuid(id) ? await store.read(tenant, id) : undefined;
  return found === undefined ? [] : [found];
}

async function list(parts: GroupParts, context: RequestContext, search: Search): Promise<Answer> {
  const { store } = parts;
  const { filter, startIndex, count } = search;
  const { tenant } = context.principal;
  const full = async (group: Group): Promise<FullGroup> => ({
    group,
    members: wantsMembers(search, filter) ? await store.members(tenant, group.id) : [],
  });
  const show = (group: FullGroup): Resource => groupResource(baseOf(context), group);
  const tell = (resources: readonly Resource[], total: number): Answer => {
    const listed = resources.map((each) => select(groupKind, each, search));
    return answer(200, listResponse(listed, total, startIndex));
  };
  if (filter === undefined) {
    const groups = count === 0 ? [] : await store.page(tenant, startIndex - 1, count);
    return tell((await Promise.all(groups.map(full))).map(show), await store.count(tenant));
  }
  checkNames(groupKind, filter);
  const found: Resource[] = [];
  for (const group of await candidates(parts, tenant, filter)) {
    const resource = show(await full(group));
    if (matches(groupKind, filter, resource)) found.push(resource);
  }
  return tell(found.slice(startIndex - 1, startIndex - 1 + count), found.length);
}

async function asked({ groups }: GroupParts, context: RequestContext): Promise<FullGroup> {
  const full = await groups.read(context.principal.tenant, context.params['id'] ?? '');
  checkIfMatch(context, versionOf(groupResource(baseOf(context), full)));
  return full;
}

/** `/Groups` (RFC 7644 3.2). */
export function groupRoutes(parts: GroupParts, route: MakeRoute): Route[] {
  const { groups } = parts;
  const tenantOf = ({ principal }: RequestContext): number => principal.tenant;
  return [
    route('POST', '/Groups', 'scim-create', 'Group', async (context) => {
      const made = await groups.create(tenantOf(context), resourceOf(groupKind, bodyOf(context)));
      return one(context, made, 201);
    }),
    route('GET', '/Groups', 'scim-list', 'Group', (context) => list(parts, context, searchOf(context))),
    route('POST', '/Groups/.search', 'scim-list', 'Group', (context) => list(parts, context, searchOfBody(context))),
    route('GET', '/Groups/:id', 'scim-read', 'Group', async (context) => {
      const { id = '' } = context.params;
      return one(context, await groups.read(tenantOf(context), id));
    }),
    route('PUT', '/Groups/:id', 'scim-replace', 'Group', async (context) => {
      const wanted = resourceOf(groupKind, bodyOf(context));
      return one(context, await groups.replace(tenantOf(context), await asked(parts, context), wanted));
    }),
    route('PATCH', '/Groups/:id', 'scim-change', 'Group', async (context) => {
      const steps = stepsOf(bodyOf(context));
      const before = await asked(parts, context);
      const after = await groups.patch(tenantOf(context), before, (from) => applyPatch(groupKind, from, steps));
      return one(context, after);
    }),
    route('DELETE', '/Groups/:id', 'scim-remove', 'Group', async (context) => {
      const full = await asked(parts, context);
      await groups.remove(tenantOf(context), full);
      return { status: 204, targets: [{ type: 'Group', id: full.group.id }] };
    }),
  ];
}
