import { fold } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { SignInWork } from './deps.ts';
import { tooMany } from './refusal.ts';
import type { Refusal } from './types.ts';

/**
 * Failures in a row, over all networks and all processes, of one subject (NIST SP 800-63B-4 3.2.2): some are free, then
 * each is followed by a wait that doubles, at most an hour; after 100 nothing more is tried until the count is cleared.
 */
const usual = 10;
const most = 100;
const firstWait_s = 30;
const longestWait_s = 3_600;
/** A subject that is full stays so until a whole sign-in clears it, or 30 days after the last failure. */
const full_s = 24 * 3_600;

export function waitAfter_s(failures: number, free: number = usual): number {
  if (failures < free) return 0;
  return failures >= most ? full_s : Math.min(longestWait_s, firstWait_s * 2 ** (failures - free));
}

/**
 * Counted before the factor is looked at: what is wrong stays counted, what is right is cleared at the end of the flow.
 * So guesses made at the same time in many processes never get more tries than the limit.
 */
const take = {
  name: 'identity.sign_in_failure.take',
  text: `insert into identity.sign_in_failure as f (tenant, subject, failures, last_at) values ($1, $2, 1, $3)
    on conflict (tenant, subject) do update set failures = f.failures + 1, last_at = $3
    where f.failures < $4 or (f.failures < ${most} and f.last_at + make_interval(
      secs => least(${longestWait_s}, ${firstWait_s} * 2 ^ least(f.failures - $4, 20))) <= $3)
    returning failures`,
};
const look = {
  name: 'identity.sign_in_failure.find',
  text: 'select failures, last_at from identity.sign_in_failure where tenant = $1 and subject = $2',
};
const clear = {
  name: 'identity.sign_in_failure.clear',
  text: 'delete from identity.sign_in_failure where tenant = $1 and subject = any ($2::bigint[])',
};

const longestLogin = 320;

/**
 * What failures are counted under, as blind tokens. A login counts whether or not anybody has it. A device that signed
 * in before has a count of its own: whoever fails on purpose elsewhere does not take its tries.
 */
export const subjects = {
  login: (login: string): [string, string] => ['sign-in login', fold(login.slice(0, longestLogin))],
  second: (account: string): [string, string] => ['sign-in second', account],
  device: (account: string, device: string, factor: 'password' | 'second'): [string, string] => [
    `sign-in ${factor} of device`,
    `${account} ${device}`,
  ],
};

export async function subjectOf(work: SignInWork, tenant: number, [label, value]: [string, string]): Promise<string> {
  return String((await work.vault(tenant)).token(label, value));
}

/** Takes a try of the subject. Fault `tooMany` when it has none now: nothing was looked at, whatever is shown. */
export async function takeTryOf(work: SignInWork, subject: string, refusal: Refusal): Promise<void> {
  const { segment, clock, settings } = work;
  const { tenant } = refusal;
  const free = settings?.attempts ?? usual;
  const taken = await segment.query(platform, take, [tenant, subject, new Date(clock.now()), free]);
  if (taken.length > 0) return;
  const [row] = await segment.query<{ failures: number; last_at: Date }>(platform, look, [tenant, subject]);
  const until = (row?.last_at.getTime() ?? 0) + waitAfter_s(row?.failures ?? 0, free) * 1000;
  throw tooMany(refusal, Math.max(1, Math.ceil((until - clock.now()) / 1000)));
}

/** A whole sign-in: failures before it are no longer in a row. */
export async function clearTries(connection: Connection, tenant: number, cleared: readonly string[]): Promise<void> {
  if (cleared.length > 0) await connection.query(clear, [tenant, cleared]);
}
