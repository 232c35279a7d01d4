import { parseWritten } from '@safeguard/fhir';
import type { View } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Opener } from '../storage/open.ts';
import type { PartRow, StoredRow } from '../storage/rows.ts';
import { asksStored, isExact, type Leaf, type Node, verify } from './node.ts';

/** A row with its resource's number. */
export interface NumberedRow extends StoredRow {
  readonly seq: number;
}

/** What may answer a search: found by the indexes, not opened yet. */
export interface Candidate {
  readonly row: NumberedRow;
  readonly facts: ReadonlyMap<Leaf, boolean>;
  /** Where it stands in the order of its stream: a number of a resource, or a pseudonym. */
  readonly place: number | string;
  /** The newest identity part of it, where the look-up gave it. */
  readonly part?: PartRow;
}

/** A resource that answers a search. */
export interface Hit extends Candidate {
  readonly text: string;
  /** Parsed already, where that was needed to verify it. */
  readonly resource?: JsonObject;
}

/** Candidates in order, batch by batch. */
export interface Stream {
  next(size: number): Promise<{ readonly found: readonly Candidate[]; readonly done: boolean }>;
}

/** Resources opened for one request, at most. */
export const opened_most = 50_000;

/** The one refusal of what would take too long (FHIR R4 issue-type `too-costly`). */
export const tooCostly = (text: string): Error =>
  fault('invalid', text, { issues: [{ severity: 'error', code: 'too-costly', text }] });

export interface Budget {
  /** Counts resources that are about to be opened; refuses above the limit. */
  spend(count: number): void;
}

export function createBudget(most = opened_most): Budget {
  let spent = 0;
  return {
    spend: (count) => {
      spent += count;
      if (spent > most) {
        throw tooCostly(`The search would open more than ${most} resources: add a condition that an index can answer`);
      }
    },
  };
}

/** Opens and verifies. */
export interface Verifying {
  readonly opener: Opener;
  readonly tenant: number;
  readonly view: View;
  readonly budget: Budget;
  /** What is stored of rows, whatever the view; undefined where it cannot be read. */
  readonly stored: (rows: readonly StoredRow[]) => Promise<readonly (string | undefined)[]>;
}

/** Those candidates that really answer, opened. What is unreadable because its keys were destroyed does not. */
export async function opened(
  { opener, tenant, view, budget, stored }: Verifying,
  node: Node,
  sure: boolean,
  candidates: readonly Candidate[],
): Promise<Hit[]> {
  if (!sure) budget.spend(candidates.length);
  const rows = candidates.map(({ row }) => row);
  const all = await opener.open(
    tenant,
    rows,
    view,
    candidates.flatMap(({ part }) => part ?? []),
  );
  const kept = !sure && view !== 'full' && asksStored(node) ? await stored(rows) : undefined;
  return candidates.flatMap((candidate, index) => {
    const one = all[index];
    if (one === undefined) return [];
    const { text } = one;
    if (sure) return [{ ...candidate, text }];
    const resource = one.resource ?? (parseWritten(text) as JsonObject);
    const own = kept?.[index];
    const asStored = own === undefined ? {} : { stored: parseWritten(own) as JsonObject };
    const judged = { resource, ...asStored, facts: candidate.facts };
    return verify(node, judged) ? [{ ...candidate, text, resource }] : [];
  });
}

export interface Taken {
  readonly hits: readonly Hit[];
  /** There is at least one more. */
  readonly more: boolean;
}

const largest_batch = 1_000;
/** Candidates that are mostly wrong are opened in batches that grow by this. */
const growth = 4;

/** Every answer of a stream; more than `most` is refused. */
export async function drain(verifying: Verifying, node: Node, stream: Stream, most: number): Promise<Hit[]> {
  const sure = isExact(node);
  const hits: Hit[] = [];
  for (;;) {
    const { found, done } = await stream.next(largest_batch);
    hits.push(...(await opened(verifying, node, sure, found)));
    if (hits.length > most) {
      throw tooCostly(`More than ${most} resources would have to be opened: add a condition`);
    }
    if (done) return hits;
  }
}

/**
 * Takes the first `count` answers of a stream. Where SQL alone decides only these are opened; else batches that grow
 * are opened until enough of them are true.
 */
export async function take(verifying: Verifying, node: Node, stream: Stream, count: number): Promise<Taken> {
  if (isExact(node)) {
    const { found } = await stream.next(count + 1);
    const hits = await opened(verifying, node, true, found.slice(0, count));
    return { hits, more: found.length > count };
  }
  const hits: Hit[] = [];
  let size = count + 1;
  for (;;) {
    const { found, done } = await stream.next(size);
    hits.push(...(await opened(verifying, node, false, found)));
    if (hits.length > count) return { hits: hits.slice(0, count), more: true };
    if (done) return { hits, more: false };
    size = Math.min(size * growth, largest_batch);
  }
}
