import type { Row, Segment } from '@safeguard/store';
import * as sql from './statements.ts';
import { type EntryRow, form } from './tokens.ts';

/** How far a log has been followed. */
export interface Mark extends Row {
  readonly shard: number;
  readonly form: number;
  readonly next: number;
}

/** A row of what an event is about. */
export interface AboutRow {
  readonly token: string;
  readonly at: number;
  readonly place: number;
}

/** Resources that an event touched: up to `targets_a_row` tokens. */
export interface TargetRow {
  readonly tokens: readonly string[];
  readonly at: number;
  readonly place: number;
}

export const targets_a_row = 8;
const columns = Array.from({ length: targets_a_row }, (_, column) => column);

/** What a stretch of a log comes to. */
export interface Stretch {
  readonly shard: number;
  readonly from: number;
  readonly to: number;
  readonly entries: readonly EntryRow[];
  readonly abouts: readonly AboutRow[];
  readonly targets: readonly TargetRow[];
}

/** The index as it is written. Whatever happens, a mark says of no entry that it is indexed which is not. */
export interface Marks {
  list(tenant: number): Promise<Mark[]>;
  add(tenant: number, shard: number): Promise<void>;
  /** Claims a log for the background of this process; false: another has it. */
  hold(tenant: number, shard: number, holder: string): Promise<boolean>;
  /** False: somebody else has moved the mark, and nothing was written. */
  put(tenant: number, stretch: Stretch): Promise<boolean>;
  /** Forgets the tenant's index: it is made anew from the beginning. */
  reset(tenant: number): Promise<void>;
}

export function createMarks(segment: Segment): Marks {
  return {
    list: (tenant) => segment.query<Mark>(tenant, sql.listMarks, [tenant]),
    add: async (tenant, shard) => void (await segment.query(tenant, sql.addMark, [tenant, shard, form])),
    hold: async (tenant, shard, holder) =>
      (await segment.query(tenant, sql.holdMark, [tenant, shard, holder])).length > 0,
    put: async (tenant, { shard, from, to, entries, abouts, targets }) => {
      const [row] = await segment.query<{ moved: number }>(tenant, sql.addRows, [
        ...[tenant, shard, form, from, to],
        ...[entries.map(({ at }) => at), entries.map(({ place }) => place)],
        ...[entries.map(({ actor }) => actor), entries.map(({ client }) => client)],
        ...[entries.map(({ action }) => action), entries.map(({ type }) => type)],
        ...[entries.map(({ subtype }) => subtype), entries.map(({ outcome }) => outcome)],
        ...[abouts.map(({ token }) => token), abouts.map(({ at }) => at), abouts.map(({ place }) => place)],
        ...[targets.map(({ at }) => at), targets.map(({ place }) => place)],
        ...columns.map((column) => targets.map(({ tokens }) => tokens[column] ?? null)),
      ]);
      return row?.moved === 1;
    },
    reset: (tenant) =>
      segment.transaction(tenant, async (connection) => {
        await connection.query(sql.lockMarks, [tenant]);
        await connection.query(sql.dropEntries, [tenant]);
        await connection.query(sql.dropAbouts, [tenant]);
        await connection.query(sql.dropTargets, [tenant]);
        await connection.query(sql.resetMarks, [tenant, form]);
      }),
  };
}
