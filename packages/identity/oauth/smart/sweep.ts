import { platform } from '../../tenants.ts';
import type { SmartDeps } from './types.ts';

const day_ms = 86_400_000;

const launches = {
  name: 'identity.launch.sweep',
  text: 'delete from identity.launch where expires_at < $1 returning 1',
};
const consents = {
  name: 'identity.consent.sweep',
  text: 'delete from identity.consent where ended_at < $1 returning 1',
};
/** A context outlives its grant by a day at most. */
const contexts = {
  name: 'identity.grant_context.sweep',
  text: `delete from identity.grant_context c where created_at < $1
    and not exists (select from identity.oidc o where o.kind = 'Grant' and o.grant_id = c.grant_id) returning 1`,
};

/** Removes what ended more than a day ago; answers how many rows. */
export async function sweepSmart({ segment, clock }: Pick<SmartDeps, 'segment' | 'clock'>): Promise<number> {
  const before = new Date(clock.now() - day_ms);
  let count = 0;
  for (const statement of [launches, consents, contexts]) {
    count += (await segment.query(platform, statement, [before])).length;
  }
  return count;
}
