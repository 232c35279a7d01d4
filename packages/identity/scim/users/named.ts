import type { DirectoryLookup } from '../../federation/types.ts';
import type { UserStore } from './store.ts';

/** Who has exactly this externalId: found by the blind token (64 bits), then held to what was written. */
export const createNamed =
  (store: Pick<UserStore, 'byExternal' | 'read'>): DirectoryLookup =>
  async (tenant, externalId) => {
    const written = await store.read(tenant, await store.byExternal(tenant, externalId));
    return [...written]
      .filter(([, { attributes }]) => attributes['externalId'] === externalId)
      .map(([account, { version }]) => ({ account, version }));
  };
