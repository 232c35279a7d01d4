import type { Clock } from '@safeguard/kernel';
import { revokeDataKey } from './data-key.ts';
import type { DataKey, SealSegment } from './types.ts';

interface Entry {
  readonly key: DataKey;
  readonly scope: Scope;
  readonly expires_at: number;
}

interface Scope {
  readonly segment: SealSegment;
  readonly tenant: number;
  readonly byId: Map<number, Entry>;
  readonly byOwner: Map<string, Entry>;
}

/** The cached keys of one tenant in one segment. */
export interface KeyShelf {
  byId(id: number): DataKey | undefined;
  byOwner(owner: string): DataKey | undefined;
  /** Caches a key that was read when `generation` was current; false (and not cached) when keys were dropped since. */
  put(key: DataKey, generation: number): boolean;
  /** Counts drops. Take it before the read whose result is to be cached. */
  generation(): number;
}

export interface KeyCache {
  shelf(segment: SealSegment, tenant: number): KeyShelf;
  /** Drops the keys of one owner, one tenant, or all. */
  drop(tenant?: number, owner?: string): void;
  /** Drops one owner's keys and takes the key out of every handle that the cache gave out. */
  revoke(tenant: number, owner: string): void;
  /** Drops what is past its age. */
  sweep(): void;
  size(): number;
}

/** At most `limit` data keys over all tenants, least recently used first out, none older than `ttl_ms`. */
export function createKeyCache(limit: number, ttl_ms: number, clock: Clock): KeyCache {
  const scopes = new Map<string, Scope>();
  // Insertion order is the order of use: a hit moves its entry to the end.
  const order = new Set<Entry>();
  let generation = 0;

  const remove = (entry: Entry): void => {
    order.delete(entry);
    entry.scope.byId.delete(entry.key.id);
    entry.scope.byOwner.delete(entry.key.owner);
  };
  const hit = (entry: Entry | undefined): DataKey | undefined => {
    if (entry === undefined) return undefined;
    if (entry.expires_at <= clock.now()) {
      remove(entry);
      return undefined;
    }
    order.delete(entry);
    order.add(entry);
    return entry.key;
  };
  const put = (scope: Scope, key: DataKey): void => {
    const former = scope.byId.get(key.id);
    if (former !== undefined) remove(former);
    const entry: Entry = { key, scope, expires_at: clock.now() + ttl_ms };
    order.add(entry);
    scope.byId.set(key.id, entry);
    scope.byOwner.set(key.owner, entry);
    for (const oldest of order) {
      if (order.size <= limit) return;
      remove(oldest);
    }
  };
  const ofOwner = (tenant: number, owner: string): Entry[] =>
    [...scopes.values()].filter((scope) => scope.tenant === tenant).flatMap((scope) => scope.byOwner.get(owner) ?? []);
  const dropped = (entries: Iterable<Entry>): void => {
    generation += 1;
    for (const entry of entries) remove(entry);
  };

  return {
    shelf(segment, tenant) {
      const name = `${segment}/${tenant}`;
      const scope = scopes.get(name) ?? { segment, tenant, byId: new Map(), byOwner: new Map() };
      // A scope stays for good: a vault may still hold it, and what it caches must stay within reach of `drop`.
      scopes.set(name, scope);
      return {
        byId: (id) => hit(scope.byId.get(id)),
        byOwner: (owner) => hit(scope.byOwner.get(owner)),
        generation: () => generation,
        put(key, since) {
          if (since === generation) put(scope, key);
          return since === generation;
        },
      };
    },
    drop(tenant, owner) {
      if (tenant !== undefined && owner !== undefined) dropped(ofOwner(tenant, owner));
      else dropped([...order].filter((entry) => tenant === undefined || entry.scope.tenant === tenant));
    },
    revoke(tenant, owner) {
      const entries = ofOwner(tenant, owner);
      dropped(entries);
      for (const entry of entries) revokeDataKey(entry.key);
    },
    sweep() {
      const now = clock.now();
      for (const entry of order) if (entry.expires_at <= now) remove(entry);
    },
    size: () => order.size,
  };
}
