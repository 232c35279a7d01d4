import { inSlices, slice } from '../slices.ts';
import type { RegistryDeps } from '../types.ts';

const kept_ms = 86_400_000;

/** In slices, so that no sweep holds locks for long. Who had which token is in the ledger, not here. */
const remove = {
  name: 'identity.token.sweep',
  text: `delete from identity.token where hash in (
    select hash from identity.token where expires_at < $1 order by expires_at limit ${slice}) returning 1 as gone`,
};

/** Removes tokens that expired more than a day ago; returns how many. */
export async function sweepTokens({ segment, clock }: Pick<RegistryDeps, 'segment' | 'clock'>): Promise<number> {
  const before = new Date(clock.now() - kept_ms);
  return (await inSlices(segment, remove, [before])).length;
}
