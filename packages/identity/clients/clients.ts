import type { KnownTokens } from '../authenticate/known.ts';
import type { Clients, RegistryDeps } from '../types.ts';
import { createClient, registerApp } from './create.ts';
import { findClient, listClients } from './list.ts';
import { replaceKeys } from './replace-keys.ts';
import { revokeClient } from './revoke.ts';
import { rotateSecret } from './rotate.ts';

export const createClients = (deps: RegistryDeps, known: KnownTokens): Clients => ({
  create: (client) => createClient(deps, client),
  register: (app) => registerApp(deps, app),
  byId: (client_id) => findClient(deps.segment, client_id),
  replaceKeys: (client_id, keys) => replaceKeys(deps.segment, client_id, keys),
  list: (tenant) => listClients(deps.segment, tenant),
  revoke: (client_id) => revokeClient(deps, known, client_id),
  rotateSecret: (client_id, { overlap_s } = {}) => rotateSecret(deps, known, client_id, overlap_s),
});
