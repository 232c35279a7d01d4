import { typeNumber } from '@safeguard/fhir';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Head, missing, type Shelf, type TenantSettings, versionCondition } from '../call.ts';
import type { Match } from '../search/find.ts';
import type { Condition } from '../search/lock.ts';
import { headOf } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';
import type { Write } from '../storage/seal-write.ts';
import { newWrite } from '../verbs/new-write.ts';
import { staleFault } from '../verbs/replace.ts';
import { clientId } from '../verbs/update.ts';
import type { Entry } from './plan.ts';

/** What an entry comes to. `row`: it was there already, and stays as it is. */
export interface Result {
  readonly status: number;
  readonly head?: Head;
  readonly row?: StoredRow;
}

export interface Placing {
  readonly shelf: Pick<Shelf, 'clock'>;
  readonly settings: TenantSettings;
  /** Current rows by id, of those that entries name. */
  readonly rows: ReadonlyMap<string, StoredRow>;
  /** What conditions match, by their names; hidden rows left out. */
  readonly matches: ReadonlyMap<string, Match>;
  /** What patches make of their rows, by entry index. */
  readonly patched: ReadonlyMap<number, JsonObject>;
  readonly writes: Write[];
  readonly results: Map<number, Result>;
  /** What entries with a condition create: another entry with the same condition finds it. */
  readonly made: Map<string, Head>;
}

export const nameOf = ({ type, condition }: Condition): string => `${type}?${condition}`;

/** How many a conditional delete may take where the tenant lets it take several. */
const most_deleted = 1000;

/** The condition that decides about an entry, without `_count`, which only a delete knows. */
export function conditionOfEntry({ action, type, criteria, conditions }: Entry): Condition | undefined {
  const condition = action === 'create' ? conditions['if-none-exist'] : criteria;
  if (condition === undefined) return undefined;
  if (action !== 'delete') return { type, condition };
  const query = new URLSearchParams(condition);
  query.delete('_count');
  return { type, condition: query.toString() };
}

/** The rows that an entry is about: the one of its id, or those that its condition matches. */
export function rowsOf(entry: Entry, { rows, matches }: Pick<Placing, 'rows' | 'matches'>): readonly StoredRow[] {
  const condition = conditionOfEntry(entry);
  if (condition !== undefined) return matches.get(nameOf(condition))?.rows ?? [];
  const row = rows.get(entry.id ?? '');
  return row === undefined || row.type !== typeNumber(entry.type) ? [] : [row];
}

/** Puts what an entry does among the writes, and what it comes to among the results. */
export function place(entry: Entry, placing: Placing): void {
  const rows = rowsOf(entry, placing);
  if (entry.action === 'create') placeCreation(entry, rows, placing);
  else if (entry.action === 'delete') placeDeletion(entry, rows, placing);
  else if (entry.action === 'patch') placePatch(entry, rows, placing);
  else placeUpdate(entry, rows, placing);
}

const resourceOf = ({ resource }: Entry): JsonObject => {
  if (resource === undefined) throw fault('invalid', 'Expected a resource to write');
  return resource;
};

const several = (what: string): Error => {
  const text = `${what}: several resources match`;
  return fault('stale', text, { issues: [{ severity: 'error', code: 'multiple-matches', text }] });
};

/** A new resource, or the one that its condition names: there before, or made by an entry before. */
function placeCreation(entry: Entry, rows: readonly StoredRow[], placing: Placing): void {
  const condition = conditionOfEntry(entry);
  const [row] = rows;
  if (rows.length > 1) throw several('If-None-Exist');
  const existing = row ? headOf(row) : placing.made.get(condition ? nameOf(condition) : '');
  if (existing === undefined) {
    placeNew(entry, condition, placing);
    return;
  }
  placing.results.set(entry.index, { status: 200, head: existing, ...(row ? { row } : {}) });
}

function placeNew(entry: Entry, condition: Condition | undefined, placing: Placing, id?: string): void {
  const write = newWrite(placing.shelf, entry.type, resourceOf(entry), id);
  const head = { type: entry.type, id: write.id, version: 1, at: new Date(write.at) };
  placing.writes.push(write);
  if (condition !== undefined) {
    const name = nameOf(condition);
    if (placing.made.has(name) && entry.action !== 'create') throw twice();
    placing.made.set(name, head);
  }
  placing.results.set(entry.index, { status: 201, head });
}

/** FHIR R4 3.1.0.11.2: identities that entries resolve to must not overlap. */
export const twice = (): Error => fault('invalid', 'A resource or a fullUrl stands in two entries of the transaction');

/** The next version of a row, or its deletion. */
function placeNext(entry: Entry, row: StoredRow, resource: JsonObject | undefined, placing: Placing): void {
  const wanted = versionCondition(entry.conditions['if-match'], 'If-Match');
  if (wanted !== undefined && wanted !== row.version) throw staleFault('If-Match');
  if (resource === undefined && row.body === null) return;
  const at = placing.shelf.clock.now();
  placing.writes.push({
    type: entry.type,
    id: row.id,
    expected: row.version,
    at,
    ...(resource ? { resource } : {}),
  });
  const head = { type: entry.type, id: row.id, version: row.version + 1, at: new Date(at) };
  placing.results.set(entry.index, { status: resource === undefined ? 204 : 200, head });
}

/** FHIR R4 3.1.0.7.1: several only where the tenant chose so, at most `_count` of them. */
function placeDeletion(entry: Entry, rows: readonly StoredRow[], placing: Placing): void {
  if (entry.criteria === undefined) {
    const [row] = rows;
    if (row === undefined) throw missing(entry.type);
    placeNext(entry, row, undefined, placing);
    return;
  }
  const count = countOf(entry.criteria);
  if (rows.length > 1 && placing.settings.conditionalDelete !== 'multiple') throw several('Conditional delete');
  for (const row of rows.slice(0, count)) placeNext(entry, row, undefined, placing);
  if (rows.length > 1) placing.results.set(entry.index, { status: 204 });
}

function countOf(criteria: string): number {
  const text = new URLSearchParams(criteria).get('_count');
  if (text === null) return most_deleted;
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > most_deleted) {
    throw fault('invalid', `_count: expected a whole number from 1 to ${most_deleted}`);
  }
  return Number(text);
}

function placePatch(entry: Entry, rows: readonly StoredRow[], placing: Placing): void {
  const [row] = rows;
  if (rows.length > 1) throw several('Conditional patch');
  if (row === undefined) throw missing(entry.type);
  placeNext(entry, row, placing.patched.get(entry.index), placing);
}

/** FHIR R4 3.1.0.4, and 3.1.0.4.3 with a condition. */
function placeUpdate(entry: Entry, rows: readonly StoredRow[], placing: Placing): void {
  const resource = resourceOf(entry);
  const [row] = rows;
  if (rows.length > 1) throw several('Conditional update');
  if (row === undefined) {
    placeFirst(entry, resource.id, placing);
    return;
  }
  if (resource.id !== undefined && resource.id !== row.id) {
    throw fault('invalid', 'The id in the resource must equal the id of the resource that matches');
  }
  placeNext(entry, row, resource, placing);
}

/** Nothing is there to update: a new resource, under an id of the client's only where the tenant allows those. */
function placeFirst(entry: Entry, id: unknown, placing: Placing): void {
  if (entry.conditions['if-match'] !== undefined) throw staleFault('If-Match');
  if (id === undefined) {
    placeNew(entry, conditionOfEntry(entry), placing);
    return;
  }
  if (!placing.settings.updateAsCreate) throw clientId();
  if (!isUuid(String(id))) throw fault('invalid', 'A client-defined id must be a UUID in lower case');
  placeNew(entry, conditionOfEntry(entry), placing, String(id));
}
