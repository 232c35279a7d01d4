import { type Fault, type FaultKind, isFault } from '@safeguard/kernel';
import { statusOf } from '../status.ts';
import type { Answer, RequestContext } from '../types.ts';
import type { Wrong } from './controls.ts';
import type { Frame } from './frame.ts';

/** What a person can mend at the form that they sent. */
const mendable: ReadonlySet<FaultKind> = new Set(['invalid', 'unprocessable', 'conflict', 'stale', 'tooMany']);

/** What was refused, for the page of the form. */
export interface Refused {
  readonly wrong: readonly Wrong[];
  readonly status: number;
}

const sentence = (text: string): string => {
  const plain = text.replace(/^[\w./]+: (\p{L})/u, (_all, first: string) => first.toUpperCase());
  return /[.!?]$/.test(plain) ? plain : `${plain}.`;
};

/** The field of the form: an issue names it by its name, or by a path that begins with it. */
const fieldOf = (at: string | undefined, fields: readonly string[]): { field?: string } => {
  const [first = ''] = (at ?? '').replace(/^\//, '').split(/[./[]/);
  return fields.includes(first) ? { field: first } : {};
};

function wrongOf({ issues, message }: Fault, words: Readonly<Record<string, string>>): Wrong[] {
  const fields = Object.keys(words);
  if (issues.length === 0) return [{ text: sentence(message) }];
  const all = issues.map(({ at, text }): Wrong => {
    const place = fieldOf(at, fields);
    return { ...place, text: words[place.field ?? ''] || sentence(text) };
  });
  return [...new Map(all.map((one) => [one.field ?? one.text, one])).values()];
}

const wantsFactor = ({ kind, issues }: Fault): boolean =>
  kind === 'unauthenticated' && issues.some(({ code }) => code === 'reauthenticate');

export interface Trying {
  readonly frame: Pick<Frame, 'stepUp'>;
  /** Where to come back to, when a factor has to be shown first. */
  readonly back: string;
  /** The fields of the form, and what is told of each when it is wrong; empty: what the fault says of it. */
  readonly words: Readonly<Record<string, string>>;
  /** The form again, with what is wrong. */
  again(refused: Refused): Promise<Answer> | Answer;
}

/**
 * Does what a form asks. What a person can mend is told on its page; who has to show a factor first is led there, and
 * back; anything else is a page of its own.
 */
export async function tried(
  context: RequestContext,
  { frame, back, words, again }: Trying,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    if (wantsFactor(thrown)) return frame.stepUp(context, back);
    if (!mendable.has(thrown.kind)) throw thrown;
    context.found?.({ outcome: 'fail', reason: thrown.kind });
    const status = thrown.kind === 'invalid' ? 422 : statusOf(thrown);
    return again({ wrong: wrongOf(thrown, words), status });
  }
}
