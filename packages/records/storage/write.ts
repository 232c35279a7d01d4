import type { RequestEvent } from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Seal } from '@safeguard/seal';
import { type Connection, isCommitUnknown, type Row, type Segment } from '@safeguard/store';
import { createBatcher } from './batch.ts';
import { deleteParts, insertParts, putRows } from './rows.ts';
import { type SealedPart, type SealedWrite, sealWrites, type Write } from './seal-write.ts';

/** One write with the event that tells of it. */
interface Single {
  readonly sealed: SealedWrite;
  readonly event: RequestEvent;
  readonly intent: Buffer;
}

/** Writes that share one fate, sealed, with the intent that tells of them. */
export interface SealedBatch {
  readonly rows: readonly SealedWrite[];
  readonly event: { readonly id: string; readonly intent: Buffer };
}

export interface Writer {
  /**
   * One write, on its own. False: the current version is not the expected one, and nothing was written.
   * Singles of one tenant that fall together share statements and commits, never a fate.
   */
  one(tenant: number, write: Write, event: RequestEvent): Promise<boolean>;
  /** Seals several writes that will share one fate; touches no clinical row. */
  seal(tenant: number, writes: readonly Write[], event: RequestEvent): Promise<SealedBatch>;
  /**
   * All or nothing, within an open transaction of the clinical segment. Takes no second connection of it.
   * Fault `conflict`: a version is not the expected one; the caller's transaction must then be rolled back.
   */
  put(tenant: number, batch: SealedBatch, connection: Connection): Promise<void>;
}

export interface WriterDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly ledger: Pick<Ledger, 'sealIntent' | 'state'>;
}

const batches = { concurrency: 2, size: 100 };
/** Rows of one statement: bounds what PostgreSQL holds at once. */
const chunk_rows = 400;

const partsOf = (writes: readonly SealedWrite[]): SealedPart[] => writes.flatMap((write) => write.part ?? []);

const hour_ms = 3_600_000;

async function putParts(identity: Segment, tenant: number, writes: readonly SealedWrite[]): Promise<void> {
  const parts = partsOf(writes);
  const hour = Math.floor((writes[0]?.write.at ?? 0) / hour_ms);
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
      tokens.map((one) => String(one.token)),
      tokens.map((one) => one.row),
    ]);
  }
}

/** Takes back identity rows whose clinical rows did not come to be. What this misses, the sweep finds. */
async function dropParts(identity: Segment, tenant: number, writes: readonly SealedWrite[]): Promise<void> {
  const parts = partsOf(writes);
  if (parts.length === 0) return;
  const values = [tenant, parts.map((part) => part.row), parts.map((part) => part.edition)];
  await identity.query(tenant, deleteParts, values);
}

interface PutOptions {
  readonly atomic: boolean;
  /** For each row the number of its intent, from 1. */
  readonly owners: readonly number[];
  readonly events: readonly { readonly id: string; readonly intent: Buffer }[];
}

const putValues = (tenant: number, rows: readonly SealedWrite[], { atomic, owners, events }: PutOptions): unknown[] => [
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
];

interface DoneRow extends Row {
  readonly done: boolean[];
}

const isConflict = (error: unknown): boolean => isFault(error) && error.kind === 'conflict';

/** A lost connection may have taken the answer of a commit with it: whoever asked must look, not simply ask again. */
export const unknownIfSo = (error: unknown): unknown =>
  isCommitUnknown(error)
    ? fault('unavailable', 'It is not known whether this was written: look before you send it again', {
        cause: error,
        retry_after_s: 0,
      })
    : error;

export function createWriter({ identity, clinical, seal, ledger }: WriterDeps): Writer {
  const guardLedger = (tenant: number): void => {
    const state = ledger.state(tenant);
    if (!state.serving) throw fault('unavailable', 'The audit log does not take entries; nothing was written');
  };

  /** Writes singles of different resources. Which of them were written; Fault `conflict`: a key of ours collided. */
  const putDistinct = async (tenant: number, singles: readonly Single[]): Promise<readonly boolean[]> => {
    const rows = singles.map((single) => single.sealed);
    const options = {
      atomic: false,
      owners: rows.map((_, index) => index + 1),
      events: singles.map((single) => ({ id: single.event.id, intent: single.intent })),
    };
    await putParts(identity, tenant, rows);
    const [answer] = await droppedOnConflict(tenant, rows, () =>
      clinical.query<DoneRow>(tenant, putRows, putValues(tenant, rows, options)),
    );
    const done = answer?.done ?? [];
    await dropParts(
      identity,
      tenant,
      rows.filter((_, index) => done[index] !== true),
    );
    return rows.map((_, index) => done[index] === true);
  };

  const droppedOnConflict = async <T>(
    tenant: number,
    rows: readonly SealedWrite[],
    work: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isConflict(error)) await dropParts(identity, tenant, rows);
      throw error;
    }
  };

  /** A collision is one row's misfortune: the others are tried without it. */
  const putApart = async (tenant: number, singles: readonly Single[]): Promise<readonly boolean[]> => {
    try {
      return singles.length === 0 ? [] : await putDistinct(tenant, singles);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (singles.length === 1) return [false];
      const done: boolean[] = [];
      for (const single of singles) done.push(...(await putApart(tenant, [single])));
      return done;
    }
  };

  /** Two writes of one resource in one batch: the later one is told to try again. */
  const putSingles = async (tenant: number, singles: readonly Single[]): Promise<boolean[]> => {
    const seen = new Set<string>();
    const first = singles.map(({ sealed }) => {
      const fresh = !seen.has(sealed.write.id);
      seen.add(sealed.write.id);
      return fresh;
    });
    const done = await putApart(
      tenant,
      singles.filter((_, index) => first[index]),
    );
    let next = 0;
    return first.map((fresh) => (fresh ? done[next++] === true : false));
  };

  const batchers = new Map<number, (single: Single) => Promise<boolean>>();
  const batcher = (tenant: number): ((single: Single) => Promise<boolean>) => {
    const existing = batchers.get(tenant);
    if (existing) return existing;
    const made = createBatcher<Single, boolean>((singles) => putSingles(tenant, singles), batches);
    batchers.set(tenant, made);
    return made;
  };

  const putAll = async (
    connection: Connection,
    tenant: number,
    rows: readonly SealedWrite[],
    event: { id: string; intent: Buffer },
  ): Promise<void> => {
    for (let start = 0; start < rows.length; start += chunk_rows) {
      const some = rows.slice(start, start + chunk_rows);
      const last = start + chunk_rows >= rows.length;
      const options = { atomic: true, owners: some.map(() => 1), events: last ? [event] : [] };
      await connection.query(putRows, putValues(tenant, some, options));
    }
  };

  return {
    one: async (tenant, write, event) => {
      guardLedger(tenant);
      const [[sealed], intent] = await Promise.all([
        sealWrites(seal, tenant, [write]),
        ledger.sealIntent(tenant, event),
      ]);
      try {
        return await batcher(tenant)({ sealed: sealed as SealedWrite, event, intent });
      } catch (error) {
        throw unknownIfSo(error);
      }
    },
    seal: async (tenant, writes, event) => {
      guardLedger(tenant);
      const rows = await sealWrites(seal, tenant, writes);
      // Locks are taken chunk by chunk: one order for all keeps two transactions from waiting for each other.
      rows.sort((a, b) => (a.write.id < b.write.id ? -1 : 1));
      return { rows, event: { id: event.id, intent: await ledger.sealIntent(tenant, event) } };
    },
    put: async (tenant, { rows, event }, connection) => {
      await putParts(identity, tenant, rows);
      await droppedOnConflict(tenant, rows, () => putAll(connection, tenant, rows, event));
    },
  };
}
