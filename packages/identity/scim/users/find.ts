import { isUuid } from '@safeguard/kernel';
import { userKind } from '../attributes.ts';
import { scimFault } from '../fault.ts';
import type { Filter } from '../filter.ts';
import { demanded, matches, type Resource } from '../match.ts';
import type { UserStore } from './store.ts';
import type { User, Users } from './users.ts';

/** How many users are opened for one filter that no index answers. */
const mostOpened = 2_000;
const batch = 200;

export interface Window {
  /** From 0. */
  readonly offset: number;
  readonly count: number;
}

export interface Found {
  readonly total: number;
  readonly users: readonly User[];
}

/** One by login, by externalId or by id: looked up by blind token, nothing else is opened. */
async function lookedUp(users: Users, store: UserStore, tenant: number, filter: Filter): Promise<User[] | undefined> {
  const login = demanded(filter, 'userName');
  if (login !== undefined) return users.byLogin(tenant, login);
  const external = demanded(filter, 'externalId');
  if (external !== undefined) return users.open(tenant, await store.byExternal(tenant, external));
  const id = demanded(filter, 'id');
  return id === undefined ? undefined : users.open(tenant, isUuid(id) ? [id] : []);
}

async function all(users: Users, store: UserStore, tenant: number): Promise<User[]> {
  if ((await store.count(tenant)) > mostOpened) {
    throw scimFault('tooMany', 'Too many users for this filter: filter by userName, externalId or id.');
  }
  const ids = await store.page(tenant, 0, mostOpened);
  const opened: User[] = [];
  for (let at = 0; at < ids.length; at += batch) opened.push(...(await users.open(tenant, ids.slice(at, at + batch))));
  return opened;
}

/** The users that satisfy the filter, in the order of making. `show` makes of a user what the filter is tried on. */
export async function findUsers(
  { users, store }: { readonly users: Users; readonly store: UserStore },
  tenant: number,
  filter: Filter | undefined,
  { offset, count }: Window,
  show: (user: User) => Resource,
): Promise<Found> {
  if (filter === undefined) {
    const ids = count === 0 ? [] : await store.page(tenant, offset, count);
    return { total: await store.count(tenant), users: await users.open(tenant, ids) };
  }
  const candidates = (await lookedUp(users, store, tenant, filter)) ?? (await all(users, store, tenant));
  const found = candidates.filter((user) => matches(userKind, filter, show(user)));
  return { total: found.length, users: found.slice(offset, offset + count) };
}
