import { type LogRow, type Query, sqlLogs, sqlSource } from './sql.ts';
import type { Verdict, VerifyOptions } from './verdict.ts';
import { verifyLog } from './verify.ts';

/** The verdict on all logs of one database. */
export interface DatabaseVerdict {
  readonly ok: boolean;
  readonly entries: number;
  /** One per log; the bad ones have `bad`. */
  readonly logs: readonly Verdict[];
}

/** A log that is bad before any of its entries is looked at. */
export const badLog = (origin: string, reason: string): Verdict => ({
  ok: false,
  origin,
  entries: 0,
  checkpoint: null,
  checkpoints: 0,
  uncovered: 0,
  bad: { what: 'anchor', index: 0, reason },
});

const originOf = (note: string): string => note.slice(0, note.indexOf('\n'));

/** A log's origin ends with its tenant and shard: rows moved to another tenant's number are found. */
export const named = ({ origin, tenant, shard }: LogRow): boolean => origin.endsWith(`/${tenant}/${shard}`);

/**
 * Re-verifies every log of a ledger database. Read the anchors BEFORE calling: one written meanwhile may speak of
 * entries that came after the head was fixed. An anchor whose log is gone is a finding. Throws what `query` throws.
 */
export async function verifyDatabase(query: Query, options: VerifyOptions): Promise<DatabaseVerdict> {
  const { anchors = [] } = options;
  const rows = await sqlLogs(query);
  const logs: Verdict[] = [];
  for (const row of rows) {
    const own = anchors.filter((note) => originOf(note) === row.origin);
    const held = named(row)
      ? await verifyLog(await sqlSource(query, row), { ...options, anchors: own })
      : badLog(row.origin, 'the log stands under a tenant or shard that its origin does not name');
    logs.push(held);
  }
  const known = new Set(rows.map((row) => row.origin));
  const lost = new Set(anchors.map(originOf).filter((origin) => !known.has(origin)));
  for (const origin of lost) logs.push(badLog(origin, 'the log is missing: a signed checkpoint of it is kept outside'));
  const entries = logs.reduce((sum, log) => sum + log.entries, 0);
  return { ok: logs.every((log) => log.ok), entries, logs };
}
