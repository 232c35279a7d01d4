import { isFault } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';

const dropPartsOfKey: Statement = {
  name: 'records-drop-parts-of-key',
  text: 'delete from records.part where tenant = $1 and key = any ($2::int4[]) returning row',
};
const dropTokens: Statement = {
  name: 'records-drop-tokens',
  text: 'delete from records.token where tenant = $1 and row = any ($2::uuid[])',
};

/**
 * Removes what the identity segment holds under a patient's key: sealed bodies, and the blind tokens, which would
 * otherwise go on answering "someone here has this identifier". Comes before the key is destroyed, so that a crash
 * between leaves the key by which to find the rest.
 */
export async function forgetIdentity(identity: Segment, seal: Seal, tenant: number, patient: string): Promise<void> {
  const keys = await identityKeys(seal, tenant, patient);
  await identity.transaction(tenant, async (connection) => {
    const rows = await connection.query<Row & { row: string }>(dropPartsOfKey, [tenant, keys]);
    await connection.query(dropTokens, [tenant, [...new Set(rows.map((one) => one.row))]]);
  });
}

/** None when the key was destroyed before: then nothing is left under it. */
async function identityKeys(seal: Seal, tenant: number, patient: string): Promise<number[]> {
  try {
    const vault = await seal.vault('identity', tenant);
    return [...(await vault.keysFor([patient])).values()].map((key) => key.id);
  } catch (error) {
    if (isFault(error) && error.kind === 'gone') return [];
    throw error;
  }
}
