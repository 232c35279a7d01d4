import { fault } from '@safeguard/kernel';
import type { Place } from './place.ts';
import type { KeyRing } from './ring.ts';
import type { SealConnection } from './types.ts';
import { unwrapKey, type WrapContext, wrapKey } from './wrap.ts';

type DataRow = { id: number; owner: string; wrapped: Buffer };
type SearchRow = { purpose: 'index' | 'pseudonym'; wrapped: Buffer };

// Row locks: a destruction waits for the batch, and the batch never puts a destroyed key back.
const selectBatch = {
  name: 'seal-rewrap-select',
  text: `select id, owner, wrapped from seal.data_key where tenant = $1 and key_version = $2
    order by id limit $3 for update`,
};
const updateBatch = {
  name: 'seal-rewrap-update',
  text: `update seal.data_key as k set key_version = $2, wrapped = n.wrapped
    from unnest($3::int[], $4::bytea[]) as n (id, wrapped) where k.tenant = $1 and k.id = n.id`,
};
const selectSearchKeys = {
  name: 'seal-rewrap-search-select',
  text: `select purpose, wrapped from seal.search_key where tenant = $1 and key_version = $2
    order by purpose for update`,
};
const updateSearchKey = {
  name: 'seal-rewrap-search-update',
  text: 'update seal.search_key set key_version = $3, wrapped = $4 where tenant = $1 and purpose = $2',
};

/** Small enough that the event loop is held for a few milliseconds only. */
const batchSize = 200;

function turner(at: Place, ring: KeyRing, from: number, to: number) {
  const [former, next] = [ring.versions.get(from), ring.versions.get(to)];
  if (former === undefined || next === undefined) throw fault('internal', 'a version of the tenant key is missing');
  return (context: Pick<WrapContext, 'owner' | 'purpose' | 'id'>, wrapped: Buffer): Buffer => {
    const key = unwrapKey(former, { ...at, ...context, version: from }, wrapped);
    return wrapKey(next, { ...at, ...context, version: to }, key);
  };
}

/** Re-wraps up to one batch of data keys from one version to another. Returns how many; 0 when none are left. */
export function rewrapBatch(at: Place, ring: KeyRing, from: number, to: number): Promise<number> {
  const turn = turner(at, ring, from, to);
  return at.database.transaction(at.tenant, async (connection: SealConnection) => {
    const rows = await connection.query<DataRow>(selectBatch, [at.tenant, from, batchSize]);
    if (rows.length === 0) return 0;
    const wrapped = rows.map((row) => {
      const owner = at.segment === 'identity' ? ring.pseudonyms.resource(row.owner) : row.owner;
      return turn({ owner, purpose: 'data', id: row.id }, row.wrapped);
    });
    await connection.query(updateBatch, [at.tenant, to, rows.map(({ id }) => id), wrapped]);
    return rows.length;
  });
}

/** Re-wraps the index key and the pseudonym key. Returns how many were still under the former version. */
export function rewrapSearchKeys(at: Place, ring: KeyRing, from: number, to: number): Promise<number> {
  const turn = turner(at, ring, from, to);
  return at.database.transaction(at.tenant, async (connection: SealConnection) => {
    const rows = await connection.query<SearchRow>(selectSearchKeys, [at.tenant, from]);
    for (const { purpose, wrapped } of rows)
      await connection.query(updateSearchKey, [at.tenant, purpose, to, turn({ owner: '', purpose, id: 0 }, wrapped)]);
    return rows.length;
  });
}
