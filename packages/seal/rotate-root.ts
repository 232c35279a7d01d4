import { fault } from '@safeguard/kernel';
import { isForeignKeyViolation, type Place } from './place.ts';
import { unwrapTenantKey, wrapTenantKey } from './ring.ts';
import { addRoot, checkRoot, type Roots } from './root.ts';
import type { RootProgress, SealDatabase, SealSegment } from './types.ts';

type TenantRow = { version: number; root: string; wrapped: Buffer };

const selectFormer = {
  name: 'seal-root-former',
  text: 'select version, root, wrapped from seal.tenant_key where tenant = $1 and root <> $2 order by version',
};
const updateRoot = {
  name: 'seal-root-update',
  text: 'update seal.tenant_key set root = $4, wrapped = $5 where tenant = $1 and version = $2 and root = $3',
};
// Refused by the foreign key while a tenant key of any tenant stands under a former root key.
const deleteFormer = { name: 'seal-root-retire', text: 'delete from seal.root_key where tenant = 0 and root <> $1' };

/** Step one: writes the next root key's proof beside the former's. In between both are accepted. */
export async function admitRoot(roots: Roots, segments: Readonly<Record<SealSegment, SealDatabase>>): Promise<void> {
  for (const [segment, database] of Object.entries(segments) as [SealSegment, SealDatabase][]) {
    await addRoot(roots.current, segment, database);
    await checkRoot(roots, segment, database);
  }
}

/** Step two: re-wraps the tenant keys of `places` under `roots.current`; the former root keys are in `roots.all`. */
export async function rewrapTenants(
  roots: Roots,
  places: Iterable<Place>,
  progress: (step: RootProgress) => void,
): Promise<number> {
  let rewrapped = 0;
  for (const at of places) {
    rewrapped += await rewrapTenantKeys(roots, at);
    progress({ tenant: at.tenant, segment: at.segment, rewrapped });
  }
  return rewrapped;
}

/** Step three: from here on the former root keys are refused. */
export async function retireRoots(roots: Roots, segments: Readonly<Record<SealSegment, SealDatabase>>): Promise<void> {
  for (const database of Object.values(segments)) await retireFormer(roots, database);
}

async function rewrapTenantKeys(roots: Roots, at: Place): Promise<number> {
  const rows = await at.database.query<TenantRow>(at.tenant, selectFormer, [at.tenant, roots.current.id]);
  for (const { version, root, wrapped } of rows) {
    const key = await unwrapTenantKey(roots, at, version, root, wrapped);
    const turned = await wrapTenantKey(roots, at, version, key);
    await at.database.query(at.tenant, updateRoot, [at.tenant, version, root, roots.current.id, turned]);
  }
  return rows.length;
}

async function retireFormer(roots: Roots, database: SealDatabase): Promise<void> {
  try {
    await database.query(0, deleteFormer, [roots.current.id]);
  } catch (cause) {
    if (!isForeignKeyViolation(cause)) throw cause;
    throw fault('conflict', 'tenants that were not named still stand under the former root key', { cause });
  }
}
