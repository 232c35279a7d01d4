import type { Segment } from '@safeguard/store';
import { bindingId, entryPlace, openEnvelopes } from './envelope.ts';
import { originOf } from './note.ts';
import { type EntryRow, type LogRows, logRows } from './rows.ts';
import { listShards } from './statements.ts';
import type { EntryVault, LedgerDeps, ReadEntry } from './types.ts';

const page = 500;
/** Whoever asks for what is newest wants a few, as a rule: pages begin small. */
const firstPage = 25;
const mostEntries = 1000;
/** How far clocks may be apart without `recent` missing an entry. */
const skew_ms = 60_000;

type ReadDeps = Pick<LedgerDeps, 'segment' | 'signer' | 'vault'>;

async function openRows(vault: EntryVault, origin: string, rows: readonly EntryRow[]): Promise<ReadEntry[]> {
  const resource = bindingId(origin);
  const events = await openEnvelopes(
    vault,
    rows.map(({ index, body }) => ({ place: entryPlace(resource, index), body })),
  );
  return events.map((event, at) => ({
    index: rows[at]?.index ?? 0,
    at: Number((event as { at?: unknown }).at ?? 0),
    event,
  }));
}

/** Entries [from, from + count) of one log, opened; at most 1000. */
export async function readEntries(deps: ReadDeps, rows: LogRows, from: number, count: number): Promise<ReadEntry[]> {
  const found = await rows.entries(from, Math.min(count, mostEntries));
  return openRows(
    await deps.vault(rows.tenant),
    originOf(deps.signer.name, rows.tenant, rows.shard),
    found.filter(({ index }) => index < from + count),
  );
}

/** The entries at some indexes of one log, opened, in the order of the log. */
export async function readEntriesAt(deps: ReadDeps, rows: LogRows, indexes: readonly number[]): Promise<ReadEntry[]> {
  const found = indexes.length === 0 ? [] : await rows.entriesAt(indexes.slice(0, mostEntries));
  return openRows(await deps.vault(rows.tenant), originOf(deps.signer.name, rows.tenant, rows.shard), found);
}

async function shardsOf(segment: Segment, tenant: number): Promise<number[]> {
  const rows = await segment.query<{ shard: number }>(tenant, listShards, [tenant]);
  return rows.map(({ shard }) => shard);
}

/**
 * Events chained since a time, newest first, shard by shard. Checkpoints tell where to stop: what one signed before
 * that time covers is older.
 */
export async function* recentEvents(deps: ReadDeps, tenant: number, since_ms: number): AsyncGenerator<object> {
  const vault = await deps.vault(tenant);
  for (const shard of await shardsOf(deps.segment, tenant)) {
    const rows = logRows(deps.segment, tenant, shard);
    const origin = originOf(deps.signer.name, tenant, shard);
    const floor = await rows.sizeBefore(since_ms - skew_ms);
    let index = await rows.size();
    for (let count = firstPage; index > floor; count = Math.min(2 * count, page)) {
      const found = await rows.entriesBefore(index, floor, count);
      for (const { event } of await openRows(vault, origin, found)) yield event;
      index = found.at(-1)?.index ?? floor;
    }
  }
}
