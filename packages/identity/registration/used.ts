import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { IdentityLog } from '../types.ts';

const write = {
  name: 'identity.client-use.write',
  text: `insert into identity.client_use (client, tenant, proof, last_used_at) values ($1, $2, $3, $4)
    on conflict (client, proof) do update set last_used_at = excluded.last_used_at
      where identity.client_use.last_used_at < excluded.last_used_at`,
};
const every_ms = 60_000;
const most = 10_000;

/**
 * Writes when a secret or key was used, once a minute each from this process, beside the request: nothing waits for it,
 * and a lost one costs a minute of truth.
 */
export function createUsed(deps: { readonly segment: Segment; readonly clock: Clock; readonly log: IdentityLog }) {
  const { segment, clock, log } = deps;
  const written = new Map<string, number>();
  return (client_id: string, tenant: number, proof: string): void => {
    if (proof.length < 1 || proof.length > 200) return;
    const key = `${client_id} ${proof}`;
    const now = clock.now();
    if (now - (written.get(key) ?? Number.NEGATIVE_INFINITY) < every_ms) return;
    const [oldest] = written.keys();
    if (written.size >= most && oldest !== undefined) written.delete(oldest);
    written.delete(key);
    written.set(key, now);
    segment
      .query(platform, write, [client_id, tenant, proof, new Date(now)])
      .catch((error: unknown) => log.warn('the use of a client’s secret or key could not be noted', { error }));
  };
}
