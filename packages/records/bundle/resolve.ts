import { replaceLinks } from '@safeguard/fhir';
import type { Target } from '@safeguard/http';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Call, missing, type Shelf, targetOf } from '../call.ts';
import type { Match } from '../search/find.ts';
import type { Condition } from '../search/lock.ts';
import { patientsWritten } from '../storage/patients.ts';
import type { StoredRow } from '../storage/rows.ts';
import { inTurns, type Write } from '../storage/seal-write.ts';
import { requireKept } from '../verbs/kept.ts';
import { checkPatched } from '../verbs/patch.ts';
import { patched } from '../verbs/patched.ts';
import { requireChangeable, requireSeen, requireWritable, seen } from '../verbs/sight.ts';
import { clientId } from '../verbs/update.ts';
import { conditionOfEntry, nameOf, type Placing, place, type Result, rowsOf, twice } from './place.ts';
import type { Entry } from './plan.ts';
import { bundleKey, conditionOf, type Slot, slotsOf } from './references.ts';

/** A transaction with every id known and every reference in its place. */
export interface Plan {
  readonly writes: readonly Write[];
  /** By entry index. */
  readonly results: ReadonlyMap<number, Result>;
  readonly targets: readonly Target[];
  /** In whose records the targets are, and were. */
  readonly patients: readonly string[];
  /** The conditions on which writes depend: to be locked and looked up again. */
  readonly locks: readonly Match[];
  /** Takes back the links that were replaced, for another attempt; references are written anew by each. */
  undo(): void;
}

/** Looks up what the entries name, gives ids to what is new, and writes the references accordingly. */
export async function resolve(
  shelf: Shelf,
  call: Call,
  entries: readonly Entry[],
  slots: readonly Slot[],
): Promise<Plan> {
  const { tenant } = call.principal;
  const conditions = distinct(entries.flatMap((entry) => conditionOfEntry(entry) ?? []));
  const [rows, locks, settings] = await Promise.all([
    currentRows(shelf, tenant, entries),
    shelf.finder.match(tenant, conditions, call.principal),
    shelf.settings(tenant),
  ]);
  const found = { rows, matches: await visibleMatches(shelf, call, locks) };
  await judgeRows(shelf, call, entries, found);
  const made = await patchedOf(shelf, call, entries, found);
  const placing: Placing = {
    ...found,
    ...{ shelf, settings, patched: made, writes: [], results: new Map(), made: new Map() },
  };
  for (const entry of entries) place(entry, placing);
  const { writes, results } = placing;
  if (new Set(writes.map(({ id }) => id)).size < writes.length) throw twice();
  const undo = await writeReferences(shelf, call, entries, [...slots, ...patchedSlots(entries, made)], placing);
  const isPatch = new Set(entries.flatMap(({ index, patch }) => (patch && results.get(index)?.head?.id) ?? []));
  await judgeWrites(shelf, call, { writes, isPatch, rows: new Map([...rows, ...rowsMatched(found)]) });
  const patients = await patientsOfAll(
    shelf,
    tenant,
    writes,
    entries.flatMap((entry) => rowsOf(entry, found)),
  );
  return { writes, results, locks, undo, targets: targetsOf(placing), patients };
}

const rowsMatched = ({ matches }: Found): [string, StoredRow][] =>
  [...matches.values()].flatMap((match) => match.rows.map((row): [string, StoredRow] => [row.id, row]));

interface Judged {
  readonly writes: readonly Write[];
  /** Ids of what patches change. */
  readonly isPatch: ReadonlySet<string>;
  /** What is there now, by id. */
  readonly rows: ReadonlyMap<string, StoredRow>;
}

/** Refuses content that its caller may not write, judged on all that the transaction makes. */
async function judgeWrites(shelf: Shelf, call: Call, { writes, isPatch, rows }: Judged): Promise<void> {
  const made = writes.flatMap(({ type, id, resource }) =>
    resource ? [[id, { ...resource, resourceType: type, id }] as const] : [],
  );
  const pending = new Map<string, JsonObject>(made);
  for (const { id, expected } of writes) {
    const resource = pending.get(id);
    if (resource === undefined) continue;
    const action = expected === 0 ? 'create' : isPatch.has(id) ? 'patch' : 'update';
    await requireWritable(shelf, call, { action, resource, id }, pending);
    const row = rows.get(id);
    if (row !== undefined) await requireKept(shelf, call, { action, row, next: resource });
  }
}

async function patientsOfAll(
  shelf: Shelf,
  tenant: number,
  writes: readonly Write[],
  rows: readonly StoredRow[],
): Promise<string[]> {
  const written = await inTurns(writes, ({ resource, id }) => (resource ? patientsWritten(resource, id) : []));
  return [...new Set([...written.flat(), ...(await shelf.patientsOf(tenant, rows))])];
}

/** Everything that is written or was found, once. */
function targetsOf({ writes, results }: Placing): Target[] {
  const written = writes.map(({ type, id, expected }) => ({ type, id, version: expected + 1 }));
  const found = [...results.values()].flatMap(({ head }) => (head ? [targetOf(head)] : []));
  return [...new Map([...found, ...written].map((target) => [target.id, target])).values()];
}

const distinct = (conditions: readonly Condition[]): Condition[] => [
  ...new Map(conditions.map((condition) => [nameOf(condition), condition])).values(),
];

async function currentRows(shelf: Shelf, tenant: number, entries: readonly Entry[]): Promise<Map<string, StoredRow>> {
  const ids = entries.flatMap(({ id }) => (id !== undefined && isUuid(id) ? [id] : []));
  const rows = ids.length === 0 ? [] : await shelf.reader.currents(tenant, ids);
  return new Map(rows.map((row) => [row.id, row]));
}

/** What conditions match, as far as the caller sees it: what is hidden does not exist for them. */
async function visibleMatches(shelf: Shelf, call: Call, matches: readonly Match[]): Promise<Map<string, Match>> {
  const all = await Promise.all(
    matches.map(async (match): Promise<[string, Match]> => {
      const rows = match.rows.length === 0 ? [] : await seen(shelf, call, 'search-type', match.rows);
      return [nameOf(match.condition), { ...match, rows }];
    }),
  );
  return new Map(all);
}

type Found = Pick<Placing, 'rows' | 'matches'>;

/** Refuses entries that would change what their caller may not. */
async function judgeRows(shelf: Shelf, call: Call, entries: readonly Entry[], found: Found): Promise<void> {
  for (const entry of entries) {
    if (entry.action === 'create') continue;
    const absent = (): Error => (entry.action === 'update' ? clientId() : missing(entry.type));
    for (const row of rowsOf(entry, found)) {
      await requireChangeable(shelf, call, entry.action, row, absent);
      if (entry.action === 'patch') await requireSeen(shelf, call, 'read', row, absent);
    }
  }
}

/** What patches make of the rows that are there now, validated; by entry index. */
async function patchedOf(
  shelf: Shelf,
  call: Call,
  entries: readonly Entry[],
  found: Found,
): Promise<Map<number, JsonObject>> {
  const made = new Map<number, JsonObject>();
  const { tenant } = call.principal;
  for (const entry of entries) {
    const [row] = rowsOf(entry, found);
    if (entry.patch === undefined || row === undefined) continue;
    const resource = await patched(shelf, call, row, entry.type, entry.patch);
    made.set(entry.index, await checkPatched(shelf, tenant, resource, entry.type));
  }
  return made;
}

const patchedSlots = (entries: readonly Entry[], made: ReadonlyMap<number, JsonObject>): Slot[] =>
  entries.flatMap((entry) => {
    const resource = made.get(entry.index);
    return resource ? slotsOf({ ...entry, resource }) : [];
  });

/** Writes what references read once the transaction is done; answers how to take the links back. */
async function writeReferences(
  shelf: Shelf,
  call: Call,
  entries: readonly Entry[],
  slots: readonly Slot[],
  { results, writes }: Placing,
): Promise<() => void> {
  const searched = distinct(slots.flatMap(({ sent }) => conditionOf(sent) ?? []));
  const found = searched.length === 0 ? [] : await shelf.finder.match(call.principal.tenant, searched, call.principal);
  const byCondition = await visibleMatches(shelf, call, found);
  const byUrl = new Map(entries.flatMap((entry) => urlOf(entry, results)));
  for (const slot of slots) slot.reference.reference = target(slot, byUrl, byCondition);
  const undone = await inTurns(writes, ({ resource }) =>
    resource === undefined ? [] : [replaceLinks(resource, 'urn:uuid:', (link) => byUrl.get(link))],
  );
  return () => {
    for (const step of undone.flat()) step();
  };
}

function urlOf(entry: Entry, results: ReadonlyMap<number, Result>): [string, string][] {
  const head = results.get(entry.index)?.head;
  return entry.fullUrl !== undefined && head ? [[entry.fullUrl, `${head.type}/${head.id}`]] : [];
}

/** What a reference reads once the transaction is done. */
function target(slot: Slot, byUrl: ReadonlyMap<string, string>, byCondition: ReadonlyMap<string, Match>): string {
  const { sent, entry, path } = slot;
  const inBundle = byUrl.get(bundleKey(slot));
  if (inBundle !== undefined) return inBundle;
  const at = `Bundle.entry[${entry.index}].resource.${path}`;
  const refuse = (text: string): Error =>
    fault('invalid', text, { issues: [{ severity: 'error', code: 'not-found', text, at }] });
  const condition = conditionOf(sent);
  if (condition === undefined) {
    if (sent.startsWith('urn:uuid:')) throw refuse('A reference to a fullUrl that no entry of the bundle has');
    return sent;
  }
  const found = byCondition.get(nameOf(condition))?.rows ?? [];
  const [row] = found;
  if (row === undefined || found.length > 1) {
    throw refuse(
      `A conditional reference must match exactly one resource; it matches ${found.length === 0 ? 'none' : 'several'}`,
    );
  }
  return `${condition.type}/${row.id}`;
}
