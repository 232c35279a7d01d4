import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { fault } from '@safeguard/kernel';
import { isForeignKeyViolation, type Place } from './place.ts';
import { createPseudonyms } from './pseudonym.ts';
import { type Roots, tenantContext, unwrapByRoot, wrongRoot } from './root.ts';
import type { Pseudonyms } from './types.ts';
import { commitment, newKey, takeKey, unwrapKey, wrapKey } from './wrap.ts';

/** One tenant's unwrapped keys in one segment. */
export interface KeyRing {
  readonly versions: ReadonlyMap<number, KeyObject>;
  /** The newest version: what new data keys are wrapped under. */
  readonly current: number;
  readonly index: KeyObject;
  readonly pseudonyms: Pseudonyms;
}

type RingRow = { kind: 'tenant' | 'index' | 'pseudonym'; version: number; root: string | null; wrapped: Buffer };

// One statement, one snapshot: a rotation between two would show a search key whose tenant key is not there.
const selectRing = {
  name: 'seal-ring-select',
  text: `select 'tenant' as kind, version, root, wrapped from seal.tenant_key where tenant = $1
    union all select purpose, key_version, null, wrapped from seal.search_key where tenant = $1`,
};
export const insertTenantKey = {
  name: 'seal-tenant-key-insert',
  text: `insert into seal.tenant_key (tenant, version, root, wrapped) values ($1, $2, $3, $4)
    on conflict (tenant, version) do nothing returning version`,
};
const insertSearchKey = {
  name: 'seal-search-key-insert',
  text: 'insert into seal.search_key (tenant, purpose, key_version, wrapped) values ($1, $2, $3, $4)',
};

/** Loads the tenant's keys, and makes them where there are none. Two processes at once end with the same keys. */
export async function loadRing(roots: Roots, at: Place): Promise<KeyRing> {
  const ring = await readRing(roots, at);
  if (ring !== undefined) return ring;
  await makeRing(roots, at);
  const made = await readRing(roots, at);
  if (made === undefined) throw fault('internal', 'the keys of this tenant could not be made');
  return made;
}

async function readRing(roots: Roots, at: Place): Promise<KeyRing | undefined> {
  const rows = await at.database.query<RingRow>(at.tenant, selectRing, [at.tenant]);
  if (rows.length === 0) return undefined;
  const versions = new Map<number, KeyObject>();
  for (const { kind, version, root, wrapped } of rows)
    if (kind === 'tenant') versions.set(version, await unwrapTenantKey(roots, at, version, root ?? '', wrapped));
  const searchKey = (purpose: 'index' | 'pseudonym'): KeyObject => {
    const row = rows.find(({ kind }) => kind === purpose);
    const under = versions.get(row?.version ?? 0);
    if (row === undefined || under === undefined) throw new Error(`the ${purpose} key is missing`);
    return unwrapKey(under, { ...at, owner: '', purpose, id: 0, version: row.version }, row.wrapped);
  };
  try {
    const pseudonyms = createPseudonyms(searchKey('pseudonym'));
    return { versions, current: Math.max(...versions.keys()), index: searchKey('index'), pseudonyms };
  } catch (cause) {
    throw fault('internal', 'the keys of this tenant could not be opened', { cause });
  }
}

async function makeRing(roots: Roots, at: Place): Promise<void> {
  const root = roots.current.id;
  const key = newKey();
  const wrapped = await wrapTenantKey(roots, at, 1, key);
  const searchKey = (purpose: 'index' | 'pseudonym') =>
    wrapKey(key, { ...at, owner: '', purpose, id: 0, version: 1 }, newKey());
  try {
    await at.database.transaction(at.tenant, async (connection) => {
      // The loser of a race waits here for the winner's commit, inserts nothing, and reads the winner's keys.
      const won = await connection.query(insertTenantKey, [at.tenant, 1, root, wrapped]);
      if (won.length === 0) return;
      await connection.query(insertSearchKey, [at.tenant, 'index', 1, searchKey('index')]);
      await connection.query(insertSearchKey, [at.tenant, 'pseudonym', 1, searchKey('pseudonym')]);
    });
  } catch (error) {
    // Our root key was retired by another process after we had checked it.
    throw isForeignKeyViolation(error) ? wrongRoot(error) : error;
  }
}

/** The current provider's bytes and, behind them, the 32 bytes of the key commitment. */
export async function wrapTenantKey(roots: Roots, at: Place, version: number, key: KeyObject): Promise<Buffer> {
  const plain = key.export();
  try {
    return Buffer.concat([await roots.current.wrap(plain, tenantContext(at, version)), commitment(key)]);
  } finally {
    plain.fill(0);
  }
}

export async function unwrapTenantKey(
  roots: Roots,
  at: Place,
  version: number,
  root: string,
  wrapped: Buffer,
): Promise<KeyObject> {
  const end = Math.max(0, wrapped.length - 32);
  const key = takeKey(await unwrapByRoot(roots, root, wrapped.subarray(0, end), tenantContext(at, version)));
  const stated = wrapped.subarray(end);
  if (stated.length !== 32 || !timingSafeEqual(commitment(key), stated))
    throw wrongRoot(new Error('the key commitment does not fit the tenant key'));
  return key;
}
