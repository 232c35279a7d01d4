import { isFault } from '@safeguard/kernel';
import type { Seal, SealSegment } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';

const dropPartsOfKey: Statement = {
  name: 'records-drop-parts-of-key',
  text: 'delete from records.part where tenant = $1 and key = any ($2::int4[]) returning row',
};
const dropTokens: Statement = {
  name: 'records-drop-tokens',
  text: 'delete from records.token where tenant = $1 and row = any ($2::uuid[])',
};
const dropNotes: Statement = {
  name: 'records-drop-stale-notes',
  text: 'delete from records.stale where tenant = $1 and row = any ($2::uuid[])',
};
const dropIndex: Statement = {
  name: 'records-drop-index-of-key',
  text: `with gone as (
      select seq from records.resource where tenant = $1 and key = any ($2::int4[])
    ), ordered as (
      delete from records.ordered o using gone where o.tenant = $1 and o.seq = gone.seq
    )
    delete from records.search s using gone where s.tenant = $1 and s.seq = gone.seq`,
};

/**
 * Removes what the identity segment holds under a patient's key: sealed bodies, and the blind tokens, which would
 * otherwise go on answering "someone here has this identifier". Comes before the key is destroyed, so that a crash
 * between leaves the key by which to find the rest.
 */
export async function forgetIdentity(identity: Segment, seal: Seal, tenant: number, patient: string): Promise<void> {
  const keys = await keysOf(seal, 'identity', tenant, patient);
  await identity.transaction(tenant, async (connection) => {
    const rows = await connection.query<Row & { row: string }>(dropPartsOfKey, [tenant, keys]);
    const distinct = [...new Set(rows.map((one) => one.row))];
    await connection.query(dropTokens, [tenant, distinct]);
    await connection.query(dropNotes, [tenant, distinct]);
  });
}

/** Removes the search index of everything under a patient's key, also before the key is destroyed. */
export async function forgetIndex(clinical: Segment, seal: Seal, tenant: number, patient: string): Promise<void> {
  await clinical.query(tenant, dropIndex, [tenant, await keysOf(seal, 'clinical', tenant, patient)]);
}

/** None when the key was destroyed before: then nothing is left under it. */
async function keysOf(seal: Seal, segment: SealSegment, tenant: number, patient: string): Promise<number[]> {
  try {
    const vault = await seal.vault(segment, tenant);
    return [...(await vault.keysFor([patient])).values()].map((key) => key.id);
  } catch (error) {
    if (isFault(error) && error.kind === 'gone') return [];
    throw error;
  }
}
