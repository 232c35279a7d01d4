import { type Answer, checkIfMatch, type RequestContext, type Route, type Target } from '@safeguard/http';
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
import { userKind } from './attributes.ts';
import { listResponse } from './discovery.ts';
import { noResource } from './fault.ts';
import type { GroupStore } from './groups/store.ts';
import { checkNames, type Resource } from './match.ts';
import { applyPatch, stepsOf } from './patch.ts';
import type { MakeRoute } from './route.ts';
import { select } from './select.ts';
import { findUsers } from './users/find.ts';
import type { UserStore } from './users/store.ts';
import type { Changing, Turn, User, Users } from './users/users.ts';
import { userResource } from './users/view.ts';
import { resourceOf, type Stored } from './values.ts';

export interface UserParts {
  readonly users: Users;
  readonly store: UserStore;
  readonly groups: GroupStore;
}

const targetsOf = (id: string): Target[] => [{ type: 'Account', id }];

async function shown({ groups }: UserParts, context: RequestContext, found: readonly User[]): Promise<Resource[]> {
  const ids = found.map(({ account }) => account.id);
  const of = await groups.ofAccounts(context.principal.tenant, ids);
  return found.map(({ account, written }) => {
    const memberOf = (of.get(account.id) ?? []).map(({ id, displayName }) => ({ id, name: displayName }));
    return userResource(baseOf(context), account, written, memberOf);
  });
}

async function one(parts: UserParts, context: RequestContext, user: User, status: 200 | 201 = 200): Promise<Answer> {
  const [whole = {}] = await shown(parts, context, [user]);
  const targets = targetsOf(user.account.id);
  return resourceAnswer(context, whole, select(userKind, whole, selectionOf(context)), { status, targets });
}

/** The user that the path names, as it was read when the caller says so (`If-Match`). */
async function asked(parts: UserParts, context: RequestContext): Promise<User> {
  const { id = '' } = context.params;
  if (!isUuid(id)) throw noResource();
  const user = await parts.users.read(context.principal.tenant, id);
  const [whole = {}] = await shown(parts, context, [user]);
  checkIfMatch(context, versionOf(whole));
  return user;
}

async function list(parts: UserParts, context: RequestContext, search: Search): Promise<Answer> {
  const { filter, startIndex, count } = search;
  if (filter !== undefined) checkNames(userKind, filter);
  const base = baseOf(context);
  const found = await findUsers(parts, context.principal.tenant, filter, { offset: startIndex - 1, count }, (user) =>
    userResource(base, user.account, user.written, []),
  );
  const resources = await shown(parts, context, found.users);
  const listed = resources.map((each) => select(userKind, each, search));
  return answer(200, listResponse(listed, found.total, startIndex));
}

/** The ledger tells a switching off or on by its own name. */
async function changed(
  parts: UserParts,
  context: RequestContext,
  { user, turn }: { user: User; turn: Turn },
): Promise<Answer> {
  if (turn !== undefined) context.found?.({ action: turn });
  return one(parts, context, user);
}

const changingBy = (context: RequestContext): Changing => ({
  by: context.principal,
  held: () => context.found?.({ reason: 'access on hold' }),
});

/** `/Users` (RFC 7644 3.2). */
export function userRoutes(parts: UserParts, route: MakeRoute): Route[] {
  const { users } = parts;
  const tenantOf = ({ principal }: RequestContext): number => principal.tenant;
  return [
    route('POST', '/Users', 'scim-create', 'Account', async (context) => {
      const user = await users.create(tenantOf(context), resourceOf(userKind, bodyOf(context)));
      return one(parts, context, user, 201);
    }),
    route('GET', '/Users', 'scim-list', 'Account', (context) => list(parts, context, searchOf(context))),
    route('POST', '/Users/.search', 'scim-list', 'Account', (context) => list(parts, context, searchOfBody(context))),
    route('GET', '/Users/:id', 'scim-read', 'Account', async (context) => {
      const { id = '' } = context.params;
      if (!isUuid(id)) throw noResource();
      return one(parts, context, await users.read(tenantOf(context), id));
    }),
    route('PUT', '/Users/:id', 'scim-replace', 'Account', async (context) => {
      const wanted = resourceOf(userKind, bodyOf(context));
      const before = await asked(parts, context);
      return changed(parts, context, await users.replace(tenantOf(context), before, wanted, changingBy(context)));
    }),
    route('PATCH', '/Users/:id', 'scim-change', 'Account', async (context) => {
      const steps = stepsOf(bodyOf(context));
      const before = await asked(parts, context);
      const change = (from: Stored) => applyPatch(userKind, from, steps);
      return changed(parts, context, await users.patch(tenantOf(context), before, change, changingBy(context)));
    }),
    route('DELETE', '/Users/:id', 'scim-remove', 'Account', async (context) => {
      const user = await asked(parts, context);
      await users.remove(tenantOf(context), user);
      return { status: 204, targets: targetsOf(user.account.id) };
    }),
  ];
}
