import { type Fault, fault, isFault } from '@safeguard/kernel';
import type { Refusal } from './types.ts';

const refusals = new WeakMap<Fault, Refusal>();

/** The one text for every failure: it tells nothing about which part was wrong, or whether there is an account. */
const wrongText = 'That did not match. Check what you typed and try again.';

function told(made: Fault, refusal: Refusal): Fault {
  refusals.set(made, refusal);
  return made;
}

/** Fault `unauthenticated`: something shown was wrong. */
export const refused = (refusal: Refusal): Fault => told(fault('unauthenticated', wrongText), refusal);

/** Fault `tooMany`: nothing was looked at. */
export const tooMany = (refusal: Refusal, retry_after_s: number): Fault =>
  told(fault('tooMany', 'Too many failed attempts. Try again later.', { retry_after_s }), refusal);

/** What a fault of a sign-in was about, for the ledger; undefined for any other error. */
export const refusalOf = (error: unknown): Refusal | undefined => (isFault(error) ? refusals.get(error) : undefined);

export const flowOver = (): Fault => fault('gone', 'This sign-in is over or took too long. Begin again.');
export const wrongStep = (): Fault =>
  fault('conflict', 'This is not the next step. Go on with the page that is shown.');
export const linkUsed = (): Fault => fault('gone', 'The link was used or has ended. Ask for a new one.');
