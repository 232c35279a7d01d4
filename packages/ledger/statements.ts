import type { Statement } from '@safeguard/store';

const make = (name: string, text: string): Statement => ({ name: `ledger.${name}`, text });

export const findLog = make('log', 'select origin from ledger.logs where tenant = $1 and shard = $2');

export const addLog = make(
  'add-log',
  'insert into ledger.logs (tenant, shard, origin) values ($1, $2, $3) on conflict (tenant, shard) do nothing',
);

export const listShards = make('shards', 'select shard from ledger.logs where tenant = $1 order by shard');

/** Each head by one look into the primary key. */
export const listSizes = make(
  'sizes',
  `select l.shard, coalesce(h.index + 1, 0) as size from ledger.logs l left join lateral (
     select e.index from ledger.entries e where e.tenant = l.tenant and e.shard = l.shard order by e.index desc limit 1
   ) h on true where l.tenant = $1 order by l.shard`,
);

export const headOf = make('head', 'select max(index) as index from ledger.entries where tenant = $1 and shard = $2');

export const entriesFrom = make(
  'entries',
  `select index, body from ledger.entries
   where tenant = $1 and shard = $2 and index >= $3 order by index limit $4`,
);

export const entriesAt = make(
  'entries-at',
  `select index, body from ledger.entries
   where tenant = $1 and shard = $2 and index = any ($3::bigint[]) order by index`,
);

export const entriesBefore = make(
  'entries-before',
  `select index, body from ledger.entries
   where tenant = $1 and shard = $2 and index < $3 and index >= $4 order by index desc limit $5`,
);

export const tilesFrom = make(
  'tiles',
  `select index, hashes from ledger.tiles
   where tenant = $1 and shard = $2 and level = $3 and index >= $4 and index < $5 order by index`,
);

export const newestCheckpoint = make(
  'checkpoint',
  'select size, note from ledger.checkpoints where tenant = $1 and shard = $2 order by size desc limit 1',
);

export const checkpointBefore = make(
  'checkpoint-before',
  `select size from ledger.checkpoints
   where tenant = $1 and shard = $2 and at < $3 order by size desc limit 1`,
);

export const addCheckpoint = make(
  'add-checkpoint',
  `insert into ledger.checkpoints (tenant, shard, size, at, note, leaves) values ($1, $2, $3, $4, $5, $6)
   on conflict (tenant, shard, size) do nothing`,
);

/** The bodies arrive as one binary value: no text form of bytes, no array of bytea to parse. */
const batch = `head as (
    select 1 where $3::bigint = 0 or exists (
      select 1 from ledger.entries
      where tenant = $1 and shard = $2 and index = $3 - 1 and sha256('\\x00'::bytea || body) = $4)
  ), added as (
    insert into ledger.entries (tenant, shard, index, body)
    select $1, $2, $3 + o.number - 1, substr($5::bytea, o.at, o.length)
    from head, unnest($6::int[], $7::int[]) with ordinality as o (at, length, number)
    returning 1
  )`;

/**
 * Compare-and-swap and append in one statement: nothing is added unless the entry before is the one we know, and the
 * primary key refuses an index that another writer took.
 */
export const addEntries = make('append', `with ${batch} select count(*)::int as added from added`);

/** The same, when the batch fills tiles: they become visible with their last leaf. */
export const addEntriesAndTiles = make(
  'append-tiles',
  `with ${batch}, tiled as (
    insert into ledger.tiles (tenant, shard, level, index, hashes)
    select $1, $2, t.level, t.index, substr($8::bytea, (t.number::int - 1) * 8192 + 1, 8192)
    from head, unnest($9::int[], $10::bigint[]) with ordinality as t (level, index, number)
  ) select count(*)::int as added from added`,
);

/** Claims a shard for as long as the transaction lasts. The first key is ours: "ledg". */
export const claimShard = make('claim', 'select pg_try_advisory_xact_lock(1818584167, $1::int) as held');
export const keepClaim = make('keep-claim', 'select 1');

/** Proves that entries can be written: it stands in a transaction that is rolled back. */
export const tryEntry = make(
  'try',
  "insert into ledger.entries (tenant, shard, index, body) values (0, 0, 9007199254740991, ''::bytea)",
);
