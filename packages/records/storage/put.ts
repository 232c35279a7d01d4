import { isFault } from '@safeguard/kernel';
import type { Row, Segment } from '@safeguard/store';
import { indexValues } from '../index-rows/arrays.ts';
import { deleteParts, insertParts } from './rows.ts';
import type { SealedPart, SealedWrite } from './seal-write.ts';

/** Rows of one statement: bounds what PostgreSQL holds at once. */
export const chunk_rows = 400;

const partsOf = (writes: readonly SealedWrite[]): SealedPart[] => writes.flatMap((write) => write.part ?? []);

/** Rows that may have tokens of an earlier version. */
const replacedRows = (writes: readonly SealedWrite[]): string[] =>
  writes.flatMap(({ write, part }) => (part && write.expected > 0 ? part.row : []));

const hour_ms = 3_600_000;

/**
 * Puts the identity half: new parts and new tokens. Tokens of earlier versions stay until the clinical half has
 * decided (see stale.ts): too many cost a look, a missing one would lose an answer.
 */
export async function putParts(identity: Segment, tenant: number, writes: readonly SealedWrite[]): Promise<void> {
  const parts = partsOf(writes);
  const hour = Math.floor((writes[0]?.write.at ?? 0) / hour_ms);
  const replaced = new Set(replacedRows(writes));
  for (let start = 0; start < parts.length; start += chunk_rows) {
    const some = parts.slice(start, start + chunk_rows);
    const tokens = some.flatMap((part) => part.tokens.map((token) => ({ token, row: part.row })));
    await identity.query(tenant, insertParts, [
      tenant,
      some.map((part) => part.row),
      some.map((part) => part.edition),
      some.map((part) => part.key),
      some.map((part) => part.body.length),
      Buffer.concat(some.map((part) => part.body)),
      hour,
      some.flatMap((part) => (replaced.has(part.row) ? part.row : [])),
      tokens.map((one) => String(one.token)),
      tokens.map((one) => one.row),
    ]);
  }
}

/** Takes back identity rows whose clinical rows did not come to be. What this misses, the sweep finds. */
export async function dropParts(identity: Segment, tenant: number, writes: readonly SealedWrite[]): Promise<void> {
  const parts = partsOf(writes);
  if (parts.length === 0) return;
  const values = [tenant, parts.map((part) => part.row), parts.map((part) => part.edition)];
  await identity.query(tenant, deleteParts, values);
}

export interface PutOptions {
  readonly atomic: boolean;
  /** For each row the number of its intent, from 1. */
  readonly owners: readonly number[];
  readonly events: readonly { readonly id: string; readonly intent: Buffer }[];
}

export const putValues = (
  tenant: number,
  rows: readonly SealedWrite[],
  { atomic, owners, events }: PutOptions,
): unknown[] => [
  tenant,
  atomic,
  rows.map((row) => row.write.id),
  rows.map((row) => row.type),
  rows.map((row) => row.write.expected),
  rows.map((row) => new Date(row.write.at).toISOString()),
  rows.map((row) => row.key),
  rows.map((row) => row.part?.edition ?? null),
  rows.map((row) => row.body?.length ?? -1),
  Buffer.concat(rows.flatMap((row) => row.body ?? [])),
  owners,
  events.map((event) => event.id),
  events.map((event) => event.intent.length),
  Buffer.concat(events.map((event) => event.intent)),
  ...indexValues(rows.map((row) => row.index)),
];

export interface DoneRow extends Row {
  readonly done: boolean[];
}

export const isConflict = (error: unknown): boolean => isFault(error) && error.kind === 'conflict';

/** Does the clinical half of a write; when a version or a key collided, the identity half is taken back. */
export async function droppedOnConflict<T>(
  identity: Segment,
  tenant: number,
  rows: readonly SealedWrite[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isConflict(error)) await dropParts(identity, tenant, rows);
    throw error;
  }
}
