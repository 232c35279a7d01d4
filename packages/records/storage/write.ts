import type { RequestEvent } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Seal } from '@safeguard/seal';
import { type Connection, isCommitUnknown, type Segment } from '@safeguard/store';
import { chunk_rows, droppedOnConflict, putParts, putValues } from './put.ts';
import { putRows } from './rows.ts';
import { type CustomParameters, noCustomParameters, type SealedWrite, sealWrites, type Write } from './seal-write.ts';
import { createSingles } from './singles.ts';
import type { StaleTokens } from './stale.ts';

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
  /** The transaction of `put` was committed: tokens of the versions before may go. Forgotten, the sweep does it. */
  settled(tenant: number, batch: SealedBatch): void;
}

export interface WriterDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly ledger: Pick<Ledger, 'sealIntent' | 'state'>;
  readonly stale: Pick<StaleTokens, 'settle'>;
  readonly customParameters?: CustomParameters;
}

/** A lost connection may have taken the answer of a commit with it: whoever asked must look, not simply ask again. */
export const unknownIfSo = (error: unknown): unknown =>
  isCommitUnknown(error)
    ? fault('unavailable', 'It is not known whether this was written: look before you send it again', {
        cause: error,
        retry_after_s: 0,
      })
    : error;

export function createWriter(deps: WriterDeps): Writer {
  const { identity, clinical, seal, ledger, stale, customParameters = noCustomParameters } = deps;
  const guardLedger = (tenant: number): void => {
    const state = ledger.state(tenant);
    if (!state.serving) throw fault('unavailable', 'The audit log does not take entries; nothing was written');
  };

  const putSingle = createSingles(identity, clinical, stale);

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
        sealWrites(seal, tenant, [write], customParameters),
        ledger.sealIntent(tenant, event),
      ]);
      try {
        return await putSingle(tenant, { sealed: sealed as SealedWrite, event, intent });
      } catch (error) {
        throw unknownIfSo(error);
      }
    },
    seal: async (tenant, writes, event) => {
      guardLedger(tenant);
      const rows = await sealWrites(seal, tenant, writes, customParameters);
      // Locks are taken chunk by chunk: one order for all keeps two transactions from waiting for each other.
      rows.sort((a, b) => (a.write.id < b.write.id ? -1 : 1));
      return { rows, event: { id: event.id, intent: await ledger.sealIntent(tenant, event) } };
    },
    put: async (tenant, { rows, event }, connection) => {
      await putParts(identity, tenant, rows);
      await droppedOnConflict(identity, tenant, rows, () => putAll(connection, tenant, rows, event));
    },
    settled: (tenant, { rows }) => stale.settle(tenant, rows),
  };
}
