import type { Reply } from '../fhir/endpoint.ts';
import type { Sendable, Unsendable } from './unit.ts';

export interface Counts {
  created: number;
  /** There already: a condition (`ifNoneExist`) found it. */
  existing: number;
  refused: number;
}

export interface Reason {
  readonly file: string;
  /** Position in the file, counted from 0; absent when the whole bundle was refused. */
  readonly entry?: number;
  readonly status?: number;
  readonly text: string;
}

/** What became of everything that was sent. */
export interface Tally extends Counts {
  readonly types: Map<string, Counts>;
  /** The first ones. */
  readonly reasons: Reason[];
}

const reasons_kept = 10;

export const newTally = (): Tally => ({ created: 0, existing: 0, refused: 0, types: new Map(), reasons: [] });

function count(tally: Tally, type: string, what: keyof Counts): void {
  const counts = tally.types.get(type) ?? { created: 0, existing: 0, refused: 0 };
  tally.types.set(type, counts);
  counts[what] += 1;
  tally[what] += 1;
}

function note(tally: Tally, reason: Reason): void {
  if (tally.reasons.length < reasons_kept) tally.reasons.push(reason);
}

interface Outcome {
  readonly issue?: readonly {
    severity?: unknown;
    diagnostics?: unknown;
    details?: { text?: unknown };
    expression?: unknown;
  }[];
}

/** The errors of an OperationOutcome in one line; servers that are careful put no patient's data there. */
export function outcomeText(outcome: unknown): string | undefined {
  const issues = (outcome as Outcome | undefined)?.issue;
  if (!Array.isArray(issues)) return undefined;
  const worst = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  const texts = (worst.length > 0 ? worst : issues).map(({ diagnostics, details, expression }) => {
    const text = [diagnostics, details?.text].find((one) => typeof one === 'string') ?? 'no reason given';
    const at = Array.isArray(expression) && typeof expression[0] === 'string' ? `${expression[0]}: ` : '';
    return `${text.startsWith(at) ? '' : at}${text}`;
  });
  return texts.slice(0, 3).join('; ');
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as Record<string, unknown>;
  } catch {
    // A proxy's page, perhaps: the status says enough.
    return {};
  }
}

/** Counts a bundle that was refused as a whole, or of which nobody knows. */
export function refuseAll(tally: Tally, { source, types }: Sendable, text: string, status?: number): void {
  for (const type of types) count(tally, type, 'refused');
  note(tally, { file: source.path, ...(status === undefined ? {} : { status }), text });
}

/** Counts a file, or a line of one, that could not be sent. */
export function refuseUnread(tally: Tally, { source, reason }: Unsendable): void {
  count(tally, 'unknown', 'refused');
  note(tally, { file: source.path, text: reason });
}

interface EntryReply {
  readonly response?: { readonly status?: unknown; readonly outcome?: unknown };
  readonly resource?: unknown;
}

function countEntry(tally: Tally, unit: Sendable, at: number, { response, resource }: EntryReply): void {
  const type = unit.types[at] ?? 'unknown';
  const status = Number.parseInt(String(response?.status ?? '0'), 10);
  if (status >= 200 && status < 300) {
    count(tally, type, status === 201 ? 'created' : 'existing');
    return;
  }
  count(tally, type, 'refused');
  const text = outcomeText(response?.outcome) ?? outcomeText(resource) ?? 'no reason given';
  note(tally, { file: unit.source.path, entry: unit.first + at, status, text });
}

/** Counts the answer to a bundle, entry by entry. */
export function countReply(tally: Tally, unit: Sendable, { status, body }: Reply): void {
  const answer = parsed(body);
  const entries: unknown = answer.entry;
  if (status < 200 || status > 299) {
    refuseAll(tally, unit, outcomeText(answer) ?? 'no reason given', status);
  } else if (!Array.isArray(entries) || entries.length !== unit.types.length) {
    refuseAll(tally, unit, 'the answer has not one entry for each that was sent', status);
  } else {
    entries.forEach((entry: EntryReply, at) => {
      countEntry(tally, unit, at, entry);
    });
  }
}
