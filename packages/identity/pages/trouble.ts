import type { Wrong } from '@safeguard/http';
import { type Fault, isFault } from '@safeguard/kernel';
import { refusalOf } from '../sign-in/refusal.ts';

/** What is told of a step that did not work, on the page where it was tried. */
export interface Trouble {
  /** 422: understood, and not right. (401 would ask a program for credentials.) */
  readonly status: 422 | 429;
  readonly wrong: readonly Wrong[];
  readonly headers?: Readonly<Record<string, string>>;
  /** For the ledger, in fixed words. */
  readonly reason: string;
  /** Whom it was about, where that is known; for the ledger alone. */
  readonly account?: string;
}

const minutes = (wait_s: number): string => {
  const count = Math.max(1, Math.ceil(wait_s / 60));
  return count === 1 ? 'a minute' : `${count} minutes`;
};

function tooMany({ retry_after_s = 60 }: { readonly retry_after_s?: number }): Trouble {
  const text = `There were too many tries. Please wait ${minutes(retry_after_s)}, then try again.`;
  const headers = { 'Retry-After': String(Math.ceil(retry_after_s)) };
  return { status: 429, wrong: [{ text }], headers, reason: 'too many tries' };
}

/** The last name of where an issue is: `password`, `login`, `name`. */
const fieldOf = (at: string | undefined, fields: readonly string[]): { field?: string } => {
  const name = at?.split('.').at(-1);
  const field = fields.find((each) => each === name) ?? fields[0];
  return field === undefined ? {} : { field };
};

function invalid({ issues, message }: Fault, fields: readonly string[]): Trouble {
  const wrong =
    issues.length === 0
      ? [{ text: message, ...fieldOf(undefined, fields) }]
      : issues.map(({ text, at }) => ({ text, ...fieldOf(at, fields) }));
  return { status: 422, wrong, reason: 'not accepted' };
}

/**
 * A fault of a step, for its own page. `text` tells a wrong factor, the same whatever was wrong; `fields` are the
 * form's, the first being the one to look at. What no person can mend there is thrown on.
 */
export function troubleOf(thrown: unknown, text: string, fields: readonly string[] = [], reason = 'wrong'): Trouble {
  if (!isFault(thrown)) throw thrown;
  const trouble = kindOfTrouble(thrown, text, fields, reason);
  const refusal = refusalOf(thrown);
  if (refusal === undefined) return trouble;
  const { account } = refusal;
  return { ...trouble, reason: refusal.reason, ...(account === undefined ? {} : { account }) };
}

function kindOfTrouble(told: Fault, text: string, fields: readonly string[], reason: string): Trouble {
  const [field] = fields;
  if (told.kind === 'unauthenticated')
    return { status: 422, wrong: [field === undefined ? { text } : { text, field }], reason };
  if (told.kind === 'tooMany')
    return tooMany(told.retry_after_s === undefined ? {} : { retry_after_s: told.retry_after_s });
  if (told.kind === 'invalid' || told.kind === 'unprocessable') return invalid(told, fields);
  throw told;
}
