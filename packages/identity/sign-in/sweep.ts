import { inSlices, slice } from '../slices.ts';
import type { SignInWork } from './deps.ts';

const day_ms = 86_400_000;

const removeFlows = {
  name: 'identity.sign_in_flow.sweep',
  text: `delete from identity.sign_in_flow where id in
    (select id from identity.sign_in_flow where expires_at <= $1 limit ${slice} for update skip locked)
    returning 1 as gone`,
};
/** A few failures are forgotten after a day without one; many, which held up somebody, after 30. */
const removeFailures = {
  name: 'identity.sign_in_failure.sweep',
  text: `delete from identity.sign_in_failure where (tenant, subject) in
    (select tenant, subject from identity.sign_in_failure
      where last_at <= $1 or (last_at <= $2 and failures < 10) limit ${slice} for update skip locked)
    returning 1 as gone`,
};

/** Removes flows that are too old and counts that are no longer of use; returns how many rows. */
export async function sweepSignIn({ segment, clock }: SignInWork): Promise<number> {
  const now = clock.now();
  const before = (age_ms: number): Date => new Date(now - age_ms);
  const flows = await inSlices(segment, removeFlows, [before(0)]);
  const failures = await inSlices(segment, removeFailures, [before(30 * day_ms), before(day_ms)]);
  return flows.length + failures.length;
}
