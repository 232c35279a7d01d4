import type { Row, Segment } from '@safeguard/store';
import type { LogQuery, LogRow } from './verifier-port.ts';

/** SQL of the verifier and of the checks, as the role that may only read. Not prepared by name: it is asked seldom. */
export const queryOf =
  (reader: Segment): LogQuery =>
  (text, values) =>
    reader.query<Row>(0, { name: '', text }, values);

/** Where each log stands: its head, its newest checkpoint, when its oldest one was signed. */
export interface Standing extends Row, LogRow {
  readonly head: number;
  /** Entry 0 is there, or nothing is. */
  readonly begun: boolean;
  readonly signed: number;
  readonly note: string | null;
  /** When the newest, and the oldest, checkpoint was signed. */
  readonly at: Date | null;
  readonly since: Date | null;
}

const standings = `
  select l.tenant, l.shard, l.origin, coalesce(h.index + 1, 0)::int8 as head,
    h.index is null or exists (
      select from ledger.entries e where e.tenant = l.tenant and e.shard = l.shard and e.index = 0) as begun,
    coalesce(c.size, 0)::int8 as signed, c.note, c.at, f.at as since
  from ledger.logs l
  left join lateral (select index from ledger.entries e where e.tenant = l.tenant and e.shard = l.shard
    order by index desc limit 1) h on true
  left join lateral (select size, note, at from ledger.checkpoints c where c.tenant = l.tenant and c.shard = l.shard
    order by size desc limit 1) c on true
  left join lateral (select at from ledger.checkpoints c where c.tenant = l.tenant and c.shard = l.shard
    order by size limit 1) f on true
  order by l.tenant, l.shard`;

/** All logs of all tenants. */
export const standingsOf = (reader: Segment): Promise<Standing[]> =>
  reader.query<Standing>(0, { name: '', text: standings });

/** How a log is named in evidence. */
export const nameOf = ({ tenant, shard }: Pick<LogRow, 'tenant' | 'shard'>): string =>
  tenant === 0 ? `the platform's log (shard ${shard})` : `the log of tenant ${tenant} (shard ${shard})`;
