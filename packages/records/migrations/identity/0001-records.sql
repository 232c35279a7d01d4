-- The identity segment: the direct identifiers of each version of a resource (45 CFR 164.514(b)(2)), sealed.
-- `row` is a keyed pseudonym of the resource's id: this database alone does not say whose it is, nor what it is about.
create schema records;

-- `edition` is the version with 20 random bits below it: two writers of one version never write the same row, and the
-- clinical row names the one that counts.
-- `hour` is the hour of writing (hours since the Unix epoch): coarse on purpose, so that times do not tie the segments.
create table records.part (
  tenant  int4 not null,
  row     uuid not null,
  edition int8 not null,
  key     int4 not null,
  hour    int4 not null,
  body    bytea not null,
  primary key (tenant, row, edition)
);
create index part_by_hour on records.part using brin (hour);

-- Blind tokens of identifiers: HMAC under the tenant's index key, cut to 8 bytes. A match is verified on the opened
-- resource, so a token of an earlier version, or a collision, costs time and never a wrong answer.
create table records.token (
  tenant int4 not null,
  token  int8 not null,
  row    uuid not null,
  primary key (tenant, token, row)
);

-- How far orphans (rows whose clinical version never came to be) have been swept.
create table records.swept (
  tenant int4 primary key,
  hour   int4 not null
);

alter table records.part alter column body set storage external;

alter table records.part enable row level security;
alter table records.part force row level security;
create policy tenant on records.part using (tenant = current_setting('safeguard.tenant')::int4);
alter table records.token enable row level security;
alter table records.token force row level security;
create policy tenant on records.token using (tenant = current_setting('safeguard.tenant')::int4);
alter table records.swept enable row level security;
alter table records.swept force row level security;
create policy tenant on records.swept using (tenant = current_setting('safeguard.tenant')::int4);

grant usage on schema records to safeguard_identity;
grant select, insert, delete on records.part to safeguard_identity;
grant select, insert, delete on records.token to safeguard_identity;
grant select, insert, update on records.swept to safeguard_identity;
