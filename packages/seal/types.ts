import type { Clock } from '@safeguard/kernel';

export type SealSegment = 'identity' | 'clinical' | 'ledger';
export const sealSegments: readonly SealSegment[] = ['identity', 'clinical', 'ledger'];

/** A prepared statement; the name is unique for its text. */
export interface SealStatement {
  readonly name: string;
  readonly text: string;
}

export interface SealConnection {
  /** int4 and int8 come back as number, bytea as Buffer, uuid as text. */
  query<R extends Record<string, unknown>>(statement: SealStatement, values?: readonly unknown[]): Promise<R[]>;
}

/** What seal needs of one segment's database; a `Segment` of `@safeguard/store` satisfies it as it stands. */
export interface SealDatabase {
  query<R extends Record<string, unknown>>(
    tenant: number,
    statement: SealStatement,
    values?: readonly unknown[],
  ): Promise<R[]>;
  transaction<T>(tenant: number, work: (connection: SealConnection) => Promise<T>): Promise<T>;
}

/**
 * Holds the root key and never gives it out. `context` is authenticated: what was wrapped under one context
 * unwraps under no other. `unwrap` throws when the key is another one or the bytes were changed.
 */
export interface RootKeyProvider {
  /** Names the key, not only the provider: another root key has another id. At most 100 characters. */
  readonly id: string;
  wrap(plain: Buffer, context: Buffer): Promise<Buffer>;
  unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer>;
}

/** A handle on one owner's data key in one segment of one tenant. It shows no key material, logged or serialised. */
export interface DataKey {
  /** Stored beside what is sealed under the key. */
  readonly id: number;
  /** The Patient id in clear, or `noOwner`. */
  readonly owner: string;
}

/** The owner of what belongs to no patient: the nil UUID (RFC 9562, 5.9). */
export const noOwner = '00000000-0000-0000-0000-000000000000';

/** Where a sealed body stands. It opens there and nowhere else. */
export interface Binding {
  /** The resource's id: a UUID in its lower-case text form. */
  readonly resource: string;
  /** The version of the resource, 0 to 2^53-1: an older version put back does not open as the newer one. */
  readonly version: number;
  /** What the bytes are, in a fixed word of the caller's (`body`, `intent` …), 1 to 255 bytes. */
  readonly purpose: string;
}

/** One tenant's keys in one segment. `seal`, `open`, `token` and the pseudonyms are synchronous: no I/O. */
export interface Vault {
  readonly segment: SealSegment;
  readonly tenant: number;
  /**
   * The data key of each owner, made where there is none; durable on return. No round trip when all are cached,
   * one when all exist. Throws Fault `gone` when one of the owners was destroyed.
   */
  keysFor(owners: readonly string[]): Promise<Map<string, DataKey>>;
  /** The data keys of stored ids. One that is absent from the map was destroyed (or never was). */
  keysById(ids: readonly number[]): Promise<Map<number, DataKey>>;
  /** The key when it is in the cache. */
  cached(id: number): DataKey | undefined;
  /** AES-256-GCM of `plain` (≤ 64 MiB), bound to `binding`. Adds 30 bytes, less what compression saves. */
  seal(key: DataKey, binding: Binding, plain: Buffer): Buffer;
  /** The plain bytes. Any mismatch is Fault `internal`; a destroyed key is Fault `gone`. */
  open(key: DataKey, binding: Binding, sealed: Buffer): Buffer;
  /** A blind token: signed 64 bits of HMAC-SHA256 under the tenant's index key of this segment. */
  token(label: string, value: string): bigint;
  /** The keyed pseudonym of a UUID, itself in a UUID's text form: a bijection, another in every tenant and segment. */
  pseudonym(id: string): string;
  /** The inverse of `pseudonym`. */
  resource(pseudonym: string): string;
  /** Pseudonyms that only this recipient gets, another bijection for every name. No table, no I/O. */
  recipient(name: string): Pseudonyms;
}

/** A keyed bijection of UUIDs in their lower-case text form, and its inverse. */
export interface Pseudonyms {
  pseudonym(id: string): string;
  resource(pseudonym: string): string;
}

export interface Destruction {
  readonly tenant: number;
  readonly owner: string;
  /** Milliseconds since the Unix epoch: when the last of the two segments lost the key for good. */
  readonly destroyed_at: number;
  /** How many wrapped keys this call overwrote; 0 when it was done before or there were none. */
  readonly keys: number;
}

export interface RotationProgress {
  readonly segment: SealSegment;
  readonly version: number;
  /** Keys re-wrapped so far, over all segments of this tenant. */
  readonly rewrapped: number;
}

export interface RootProgress {
  readonly tenant: number;
  readonly segment: SealSegment;
  readonly rewrapped: number;
}

export interface Seal {
  /** Verifies that these databases were sealed under this root key; call it at start. Throws Fault `unavailable`. */
  check(): Promise<void>;
  /** The tenant's keys in a segment, made at the first call (race-free between processes). Cheap when cached. */
  vault(segment: SealSegment, tenant: number): Promise<Vault>;
  /**
   * Crypto-shred: the owner's wrapped keys in identity and clinical are overwritten with null and a tombstone stays,
   * so that no key is ever made for this owner again. Repeatable: a call that failed half-way is finished by the next.
   * Other processes are told over the PostgreSQL channel `forgetChannel`.
   */
  destroy(tenant: number, owner: string): Promise<Destruction>;
  /** A new tenant-key version in every segment; all keys re-wrapped while requests are served. Repeat to resume. */
  rotateTenant(
    tenant: number,
    progress?: (step: RotationProgress) => void,
  ): Promise<{ version: number; rewrapped: number }>;
  /**
   * Re-wraps the tenant keys of the given tenants under `next`, which must be all there are (seal cannot list them:
   * row-level security shows one tenant at a time). Repeat to resume. From then on this Seal makes keys under `next`.
   */
  rotateRoot(
    next: RootKeyProvider,
    tenants: Iterable<number>,
    progress?: (step: RootProgress) => void,
  ): Promise<{ root: string; rewrapped: number }>;
  /** Clears caches: of one owner, of one tenant, or all. What other processes' notifications call. */
  forget(tenant?: number, owner?: string): void;
  /** Clears every cache and stops the expiry timer. */
  close(): void;
}

export interface SealDeps {
  readonly provider: RootKeyProvider;
  /** Further root keys under which tenant keys may still stand: the next one while another process rotates the root. */
  readonly others?: readonly RootKeyProvider[];
  readonly segments: Readonly<Record<SealSegment, SealDatabase>>;
  readonly clock: Clock;
  /** Data keys held at most (default 50,000); the age at which they and tenant keys are read anew (default 15 min). */
  readonly cache?: { readonly keys?: number; readonly ttl_ms?: number };
}
