-- The tamper-evident log. Rows are added and read, never changed: no role but the owner may update or delete,
-- and no deletion path exists in the product (45 CFR 164.316(b)(2)(i): six years).
create schema ledger;
grant usage on schema ledger to safeguard_ledger, safeguard_ledger_reader;

-- One log per tenant and writer (shard). `origin` is the log's name in its checkpoints: <signer>/<tenant>/<shard>.
create table ledger.logs (
  tenant integer not null check (tenant >= 0),
  shard integer not null check (shard >= 0),
  origin text not null unique,
  primary key (tenant, shard)
);

-- The leaves, in order, without gaps. The leaf hash is SHA-256(0x00 || body); body is ciphertext.
-- The primary key is the compare-and-swap on the head: two writers cannot both take an index.
create table ledger.entries (
  tenant integer not null,
  shard integer not null,
  index bigint not null check (index >= 0),
  body bytea not null,
  primary key (tenant, shard, index)
);
-- Ciphertext does not compress.
alter table ledger.entries alter column body set storage external;

-- Full tiles of 256 hashes (C2SP tlog-tiles). Level 0 holds leaf hashes; level n holds roots of 256^n leaves.
-- A tile stands from the very transaction that wrote its last leaf.
create table ledger.tiles (
  tenant integer not null,
  shard integer not null,
  level smallint not null check (level between 0 and 7),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) = 8192),
  primary key (tenant, shard, level, index)
);
alter table ledger.tiles alter column hashes set storage external;

-- Signed tree heads (C2SP tlog-checkpoint). `leaves` holds the leaf hashes [size - n, size) that were new with this
-- checkpoint and stand in no full tile at that time, so that an altered entry is located exactly in the tail as well.
create table ledger.checkpoints (
  tenant integer not null,
  shard integer not null,
  size bigint not null check (size > 0),
  at timestamptz not null,
  note text not null,
  leaves bytea not null check (octet_length(leaves) % 32 = 0),
  primary key (tenant, shard, size)
);
alter table ledger.checkpoints alter column leaves set storage external;

grant select, insert on ledger.logs, ledger.entries, ledger.tiles, ledger.checkpoints to safeguard_ledger;
grant select on ledger.logs, ledger.entries, ledger.tiles, ledger.checkpoints to safeguard_ledger_reader;

-- The second wall: the runtime role sees and adds rows of the tenant it speaks for, nothing else.
-- The sub-select makes PostgreSQL evaluate the setting once per statement, not once per row.
alter table ledger.logs enable row level security;
alter table ledger.logs force row level security;
create policy tenant on ledger.logs to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
create policy reader on ledger.logs for select to safeguard_ledger_reader using (true);

alter table ledger.entries enable row level security;
alter table ledger.entries force row level security;
create policy tenant on ledger.entries to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
create policy reader on ledger.entries for select to safeguard_ledger_reader using (true);

alter table ledger.tiles enable row level security;
alter table ledger.tiles force row level security;
create policy tenant on ledger.tiles to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
create policy reader on ledger.tiles for select to safeguard_ledger_reader using (true);

alter table ledger.checkpoints enable row level security;
alter table ledger.checkpoints force row level security;
create policy tenant on ledger.checkpoints to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
create policy reader on ledger.checkpoints for select to safeguard_ledger_reader using (true);
