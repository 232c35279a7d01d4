import { fault, isUuid } from '@safeguard/kernel';
import { createKeyCache, type KeyCache } from './cache.ts';
import { bury } from './destroy.ts';
import type { Place } from './place.ts';
import { loadRing } from './ring.ts';
import { checkRoot, type Roots } from './root.ts';
import { admitRoot, retireRoots, rewrapTenants } from './rotate-root.ts';
import { rotateTenantKey } from './rotate-tenant.ts';
import {
  type Destruction,
  noOwner,
  type RootKeyProvider,
  type RootProgress,
  type Seal,
  type SealDeps,
  type SealSegment,
  sealSegments,
  type Vault,
} from './types.ts';
import { openVault } from './vault.ts';

const defaults = { keys: 50_000, ttl_ms: 15 * 60_000 };

/** The open vaults of a process: checked against the root key once per segment, read anew when they are too old. */
function createVaults(roots: Roots, { segments, clock }: SealDeps, cache: KeyCache, ttl_ms: number) {
  const vaults = new Map<string, { tenant: number; vault: Promise<Vault>; expires_at: number }>();
  const checked = new Map<SealSegment, Promise<void>>();
  const place = (segment: SealSegment, tenant: number): Place => ({ segment, tenant, database: segments[segment] });
  const check = (segment: SealSegment): Promise<void> => {
    const known = checked.get(segment);
    if (known !== undefined) return known;
    const outcome = checkRoot(roots, segment, segments[segment]);
    checked.set(segment, outcome);
    return keepIfGood(outcome, () => checked.delete(segment));
  };
  const vault = (segment: SealSegment, tenant: number): Promise<Vault> => {
    const name = `${segment}/${tenant}`;
    const known = vaults.get(name);
    if (known !== undefined && known.expires_at > clock.now()) return known.vault;
    const opened = check(segment).then(() => openVault(roots, cache, place(segment, tenant)));
    vaults.set(name, { tenant, vault: opened, expires_at: clock.now() + ttl_ms });
    return keepIfGood(opened, () => vaults.get(name)?.vault === opened && vaults.delete(name));
  };
  const drop = (unwanted: (entry: { tenant: number; expires_at: number }) => boolean): void => {
    for (const [name, entry] of vaults) if (unwanted(entry)) vaults.delete(name);
  };
  return { place, check, vault, drop };
}

/** Puts the key tree together. Touches no database before the first call; `check()` at start tells a wrong root key. */
export function createSeal(deps: SealDeps): Seal {
  const { provider, segments, clock } = deps;
  const { keys, ttl_ms } = { ...defaults, ...deps.cache };
  const roots: Roots = {
    current: provider,
    all: new Map([...(deps.others ?? []), provider].map((each) => [each.id, each])),
  };
  const cache = createKeyCache(keys, ttl_ms, clock);
  const { place, check, vault, drop } = createVaults(roots, deps, cache, ttl_ms);

  const forget = (tenant?: number, owner?: string): void => {
    cache.drop(tenant, owner);
    if (owner === undefined) drop((entry) => tenant === undefined || entry.tenant === tenant);
  };
  const sweep = (): void => {
    cache.sweep();
    const now = clock.now();
    drop((entry) => entry.expires_at <= now);
  };
  const timer = setInterval(sweep, Math.max(1000, ttl_ms / 4)).unref();

  const destroy = async (tenant: number, owner: string): Promise<Destruction> => {
    if (!isUuid(owner) || owner === noOwner) throw fault('invalid', 'expected the id of a patient');
    await Promise.all([check('identity'), check('clinical')]);
    let destroyed = 0;
    for (const segment of ['identity', 'clinical'] as const) {
      const at = place(segment, tenant);
      destroyed += await bury(at, await loadRing(roots, at), owner, clock.now());
      cache.revoke(tenant, owner);
    }
    return { tenant, owner, destroyed_at: clock.now(), keys: destroyed };
  };

  return {
    check: async () => {
      await Promise.all(sealSegments.map(check));
    },
    vault,
    destroy,
    async rotateTenant(tenant, progress = () => undefined) {
      await Promise.all(sealSegments.map(check));
      const places = sealSegments.map((segment) => place(segment, tenant));
      const outcome = await rotateTenantKey(roots, places, progress);
      drop((entry) => entry.tenant === tenant);
      return outcome;
    },
    async rotateRoot(
      next: RootKeyProvider,
      tenants: Iterable<number>,
      progress: (step: RootProgress) => void = () => undefined,
    ) {
      await Promise.all(sealSegments.map(check));
      await admitRoot({ current: next, all: new Map([[next.id, next]]) }, segments);
      roots.all.set(next.id, next);
      roots.current = next;
      const places = [...tenants].flatMap((tenant) => sealSegments.map((segment) => place(segment, tenant)));
      const rewrapped = await rewrapTenants(roots, places, progress);
      await retireRoots(roots, segments);
      return { root: next.id, rewrapped };
    },
    forget,
    close() {
      clearInterval(timer);
      forget();
    },
  };
}

/** Passes a promise on, and calls `drop` when it fails, so that the next call tries anew. */
function keepIfGood<T>(outcome: Promise<T>, drop: () => unknown): Promise<T> {
  return outcome.catch((error: unknown) => {
    drop();
    throw error;
  });
}
