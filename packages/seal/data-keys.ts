import { fault, isUuid } from '@safeguard/kernel';
import type { KeyShelf } from './cache.ts';
import { holdDataKey } from './data-key.ts';
import { isForeignKeyViolation, type Place } from './place.ts';
import type { KeyRing } from './ring.ts';
import type { DataKey } from './types.ts';
import { newKey, unwrapKey, wrapKey } from './wrap.ts';

/** What finding and making data keys needs of a vault. */
export interface KeySource {
  readonly at: Place;
  readonly shelf: KeyShelf;
  ring(): KeyRing;
  /** Reads the ring anew: a rotation in another process has moved on. */
  refresh(): Promise<void>;
  /** Ids taken from the sequence and not used yet; gaps do not matter. */
  readonly spareIds: number[];
}

type KeyRow = { id: number; owner: string; key_version: number | null; wrapped: Buffer | null };
type Opened = { key: DataKey | undefined; owner: string }[];

const selectByOwner = {
  name: 'seal-data-key-by-owner',
  text: 'select id, owner, key_version, wrapped from seal.data_key where tenant = $1 and owner = any($2::uuid[])',
};
const selectById = {
  name: 'seal-data-key-by-id',
  text: 'select id, owner, key_version, wrapped from seal.data_key where tenant = $1 and id = any($2::int[])',
};
const nextIds = {
  name: 'seal-data-key-next-ids',
  text: "select nextval('seal.data_key_id')::int as id from generate_series(1, $1::int)",
};
const insertKeys = {
  name: 'seal-data-key-insert',
  text: `insert into seal.data_key (tenant, id, owner, key_version, wrapped)
    select $1, id, owner, $2, wrapped from unnest($3::int[], $4::uuid[], $5::bytea[]) as made (id, owner, wrapped)
    on conflict (tenant, owner) do nothing returning id`,
};
// Each attempt is lost only to a rotation step, a lost race for the same owner or a destruction meanwhile.
const attempts = 8;

/** The owner's form in this segment's tables: in identity a pseudonym, so that no dump of it names a Patient id. */
export const ownerColumn = (source: { at: Place; ring(): KeyRing }, owner: string): string =>
  source.at.segment === 'identity' ? source.ring().pseudonyms.pseudonym(owner) : owner;

const ownerInClear = (source: KeySource, column: string): string =>
  source.at.segment === 'identity' ? source.ring().pseudonyms.resource(column) : column;

/** The keys of owners; the missing ones are made and committed before this returns. */
export async function keysFor(source: KeySource, owners: readonly string[]): Promise<Map<string, DataKey>> {
  const found = new Map<string, DataKey>();
  const wanted = new Set<string>();
  for (const owner of owners) {
    const key = source.shelf.byOwner(owner);
    if (key !== undefined) found.set(owner, key);
    else if (isUuid(owner)) wanted.add(owner);
    else throw fault('internal', 'a key could not be made', { cause: new TypeError('the owner is not a UUID') });
  }
  for (let attempt = 0; wanted.size > 0 && attempt < attempts; attempt += 1) await findOrMake(source, wanted, found);
  if (wanted.size > 0) throw fault('unavailable', 'keys are being changed; try again', { retry_after_s: 1 });
  return found;
}

async function findOrMake(source: KeySource, wanted: Set<string>, found: Map<string, DataKey>): Promise<void> {
  const generation = source.shelf.generation();
  const columns = [...wanted].map((owner) => ownerColumn(source, owner));
  const rows = await source.at.database.query<KeyRow>(source.at.tenant, selectByOwner, [source.at.tenant, columns]);
  const opened = await openRows(source, rows);
  if (opened === undefined) return;
  const missing = new Set(wanted);
  for (const { owner } of opened) missing.delete(owner);
  const made = missing.size === 0 ? [] : await makeKeys(source, [...missing]);
  for (const { key, owner } of [...opened, ...made]) {
    if (key === undefined) throw fault('gone', 'the keys of these data have been destroyed');
    // Keys were dropped while we read: perhaps this one. Then it is read again.
    if (!source.shelf.put(key, generation)) continue;
    found.set(owner, key);
    wanted.delete(owner);
  }
}

async function makeKeys(source: KeySource, owners: readonly string[]): Promise<Opened> {
  const { at } = source;
  const ring = source.ring();
  const under = ring.versions.get(ring.current);
  if (under === undefined) throw fault('internal', 'a key could not be made');
  const ids = await takeIds(source, owners.length);
  const made = owners.map((owner, index) => {
    const id = ids[index] ?? 0;
    const key = newKey();
    const wrapped = wrapKey(under, { ...at, owner, purpose: 'data', id, version: ring.current }, key);
    return { id, owner, column: ownerColumn(source, owner), wrapped, key };
  });
  // One order for all: two inserts of the same owners must not wait for one another.
  made.sort((a, b) => (a.column < b.column ? -1 : 1));
  const columns = [made.map(({ id }) => id), made.map(({ column }) => column), made.map(({ wrapped }) => wrapped)];
  const rows = await insertOrRefresh(source, [at.tenant, ring.current, ...columns]);
  const won = new Set(rows.map(({ id }) => id));
  return made.flatMap(({ id, owner, key }) => (won.has(id) ? { key: holdDataKey(at, id, owner, key), owner } : []));
}

async function insertOrRefresh(source: KeySource, values: readonly unknown[]): Promise<{ id: number }[]> {
  try {
    return await source.at.database.query<{ id: number }>(source.at.tenant, insertKeys, values);
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    // The version we wrapped under was retired meanwhile: the foreign key kept the row out. Try under the new one.
    await source.refresh();
    return [];
  }
}

async function takeIds(source: KeySource, count: number): Promise<number[]> {
  const { at, spareIds } = source;
  if (spareIds.length < count)
    for (const { id } of await at.database.query<{ id: number }>(at.tenant, nextIds, [count + 15])) spareIds.push(id);
  return spareIds.splice(0, count);
}

/** The keys of stored ids; those that were destroyed are absent. */
export async function keysById(source: KeySource, ids: readonly number[]): Promise<Map<number, DataKey>> {
  const found = new Map<number, DataKey>();
  const wanted = new Set<number>();
  for (const id of ids) {
    const key = source.shelf.byId(id);
    if (key !== undefined) found.set(id, key);
    else wanted.add(id);
  }
  for (let attempt = 0; wanted.size > 0 && attempt < attempts; attempt += 1) await find(source, wanted, found);
  if (wanted.size > 0) throw fault('unavailable', 'keys are being changed; try again', { retry_after_s: 1 });
  return found;
}

async function find(source: KeySource, wanted: Set<number>, found: Map<number, DataKey>): Promise<void> {
  const { at, shelf } = source;
  const generation = shelf.generation();
  const rows = await at.database.query<KeyRow>(at.tenant, selectById, [at.tenant, [...wanted]]);
  const opened = await openRows(source, rows);
  if (opened === undefined) return;
  for (const { key } of opened) if (key !== undefined && shelf.put(key, generation)) found.set(key.id, key);
  if (shelf.generation() !== generation) return;
  wanted.clear();
}

/** Unwraps rows; one without a key was destroyed. Undefined: a version was unknown, read the rows again. */
async function openRows(source: KeySource, rows: readonly KeyRow[]): Promise<Opened | undefined> {
  const { versions } = source.ring();
  if (rows.some(({ key_version }) => key_version !== null && !versions.has(key_version))) {
    await source.refresh();
    return undefined;
  }
  return rows.map((row) => {
    const owner = ownerInClear(source, row.owner);
    return { owner, key: openRow(source, row, owner) };
  });
}

function openRow(source: KeySource, row: KeyRow, owner: string): DataKey | undefined {
  const { id, key_version, wrapped } = row;
  const under = source.ring().versions.get(key_version ?? 0);
  if (wrapped === null || key_version === null || under === undefined) return undefined;
  try {
    const key = unwrapKey(under, { ...source.at, owner, purpose: 'data', id, version: key_version }, wrapped);
    return holdDataKey(source.at, id, owner, key);
  } catch (cause) {
    throw fault('internal', 'a stored key could not be opened', { cause });
  }
}
