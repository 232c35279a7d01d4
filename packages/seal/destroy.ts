import { ownerColumn } from './data-keys.ts';
import type { Place } from './place.ts';
import type { KeyRing } from './ring.ts';

/** The PostgreSQL channel of the clinical segment on which a destruction is told: `{"tenant":1,"owner":"…"}`. */
export const forgetChannel = 'safeguard_seal';

// One statement, so that no key can be made between looking and destroying. xmax is 0 where the tombstone is a new row.
const buryKey = {
  name: 'seal-data-key-bury',
  text: `insert into seal.data_key (tenant, owner, destroyed_at) values ($1, $2, $3)
    on conflict (tenant, owner) do update set wrapped = null, key_version = null, destroyed_at = excluded.destroyed_at
    where data_key.destroyed_at is null returning (xmax <> 0) as had_key`,
};
const tell = { name: 'seal-forget-notify', text: 'select pg_notify($1, $2)' };

/** Overwrites the owner's wrapped key with null and leaves a tombstone. Returns how many keys that were (0 or 1). */
export async function bury(at: Place, ring: KeyRing, owner: string, now_ms: number): Promise<number> {
  const column = ownerColumn({ at, ring: () => ring }, owner);
  return at.database.transaction(at.tenant, async (connection) => {
    const rows = await connection.query<{ had_key: boolean }>(buryKey, [at.tenant, column, new Date(now_ms)]);
    // Only from clinical, where the id stands in clear anyway.
    if (at.segment === 'clinical')
      await connection.query(tell, [forgetChannel, JSON.stringify({ tenant: at.tenant, owner })]);
    return rows.filter(({ had_key }) => had_key).length;
  });
}
