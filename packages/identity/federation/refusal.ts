/** Why a provider's answer was refused, in the closed set of words that the ledger keeps. */
export type Reason =
  | 'another browser'
  | 'another person'
  | 'answer malformed'
  | 'assertion already used'
  | 'account has another link'
  | 'account not active'
  | 'account not known'
  | 'address not allowed'
  | 'audience'
  | 'authentication too old'
  | 'directory not certain'
  | 'expired'
  | 'flow not known'
  | 'issuer'
  | 'login taken'
  | 'no login in the answer'
  | 'not in answer to our request'
  | 'provider did not answer'
  | 'provider does not exist'
  | 'provider refused'
  | 'recipient'
  | 'signature'
  | 'subject'
  | 'token refused';

/** A provider's answer that is not taken. `cause` is for the log's class of error, never shown. */
export class Refusal extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, cause?: unknown) {
    super(reason, { cause });
    this.name = 'Refusal';
    this.reason = reason;
  }
}

/** Throws; typed so that it can stand for a value. */
export const refuse = (reason: Reason, cause?: unknown): never => {
  throw new Refusal(reason, cause);
};

/** Throws the reason unless it holds. */
export function must(holds: boolean, reason: Reason): asserts holds {
  if (!holds) throw new Refusal(reason);
}
