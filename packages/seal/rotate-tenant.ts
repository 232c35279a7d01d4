import { fault } from '@safeguard/kernel';
import { isForeignKeyViolation, type Place } from './place.ts';
import { rewrapBatch, rewrapSearchKeys } from './rewrap.ts';
import { insertTenantKey, type KeyRing, loadRing, wrapTenantKey } from './ring.ts';
import type { Roots } from './root.ts';
import type { RotationProgress } from './types.ts';
import { newKey } from './wrap.ts';

// The foreign keys are the safety: while anything stands under the version, this delete is refused.
const retireVersion = {
  name: 'seal-tenant-key-retire',
  text: 'delete from seal.tenant_key where tenant = $1 and version = $2',
};

/**
 * 1. A new version in every segment. 2. Every key re-wrapped, a batch a transaction. 3. The old version deleted once
 * nothing stands under it. Where an earlier call was cut off, several versions stand side by side: then that rotation
 * is finished instead of another being begun. Readers never notice: a key opens under whichever version its row names.
 */
export async function rotateTenantKey(
  roots: Roots,
  places: readonly Place[],
  progress: (step: RotationProgress) => void,
): Promise<{ version: number; rewrapped: number }> {
  const rings = await Promise.all(places.map((at) => loadRing(roots, at)));
  const newest = Math.max(...rings.map(({ current }) => current));
  const version = rings.some(({ versions }) => versions.size > 1) ? newest : newest + 1;
  for (const at of places) await addVersion(roots, at, version);
  let rewrapped = 0;
  for (const at of places) {
    rewrapped = await rewrapSegment(roots, at, version, rewrapped, (sum) =>
      progress({ segment: at.segment, version, rewrapped: sum }),
    );
  }
  return { version, rewrapped };
}

async function addVersion(roots: Roots, at: Place, version: number): Promise<void> {
  const root = roots.current.id;
  const wrapped = await wrapTenantKey(roots, at, version, newKey());
  await at.database.query(at.tenant, insertTenantKey, [at.tenant, version, root, wrapped]);
}

async function rewrapSegment(
  roots: Roots,
  at: Place,
  version: number,
  before: number,
  report: (sum: number) => void,
): Promise<number> {
  const ring = await loadRing(roots, at);
  let sum = before;
  for (const from of [...ring.versions.keys()].filter((each) => each < version)) {
    do {
      sum += await rewrapSearchKeys(at, ring, from, version);
      for (let turned = -1; turned !== 0; sum += turned) {
        turned = await rewrapBatch(at, ring, from, version);
        report(sum + turned);
      }
    } while (!(await retire(at, ring, from)));
  }
  return sum;
}

/** False when something came to stand under the version meanwhile: a writer that had not seen the new one. */
async function retire(at: Place, ring: KeyRing, version: number): Promise<boolean> {
  if (version >= ring.current) throw fault('internal', 'the current version of a tenant key cannot be retired');
  try {
    await at.database.query(at.tenant, retireVersion, [at.tenant, version]);
    return true;
  } catch (error) {
    if (isForeignKeyViolation(error)) return false;
    throw error;
  }
}
