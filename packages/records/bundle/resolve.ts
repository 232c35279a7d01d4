import { replaceLinks, typeNumber } from '@safeguard/fhir';
import type { RequestEvent, Target } from '@safeguard/http';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Call, type Head, missing, type Shelf, targetOf, versionCondition } from '../call.ts';
import type { Match } from '../search/find.ts';
import type { Condition } from '../search/lock.ts';
import { headOf } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';
import { inTurns, type Write } from '../storage/seal-write.ts';
import { newWrite } from '../verbs/new-write.ts';
import type { Entry } from './plan.ts';
import { bundleKey, conditionOf, type Slot } from './references.ts';

/** A transaction with every id known and every reference in its place. */
export interface Plan {
  readonly writes: readonly Write[];
  /** By entry index. */
  readonly results: ReadonlyMap<number, { readonly status: number; readonly head: Head }>;
  readonly targets: readonly Target[];
  /** The conditions on which creations depend: to be locked and looked up again. */
  readonly locks: readonly Match[];
  readonly event?: RequestEvent;
  /** Takes back the links that were replaced, for another attempt; references are written anew by each. */
  undo(): void;
}

/** Looks up what the transaction's conditions name, gives ids to what is new, and writes the references accordingly. */
export async function resolve(
  shelf: Shelf,
  call: Call,
  entries: readonly Entry[],
  slots: readonly Slot[],
): Promise<Plan> {
  const { tenant } = call.principal;
  const rows = await currentRows(shelf, tenant, entries);
  const [locks, conditional] = await Promise.all([
    shelf.finder.match(tenant, creationConditions(entries)),
    shelf.finder.match(tenant, referenceConditions(slots)),
  ]);
  const plan = { writes: [] as Write[], results: new Map<number, { status: number; head: Head }>(), locks };
  const placing = { ...plan, made: new Map<string, Head>() };
  for (const entry of entries) {
    if (isCreation(entry)) placeCreation(shelf, entry, locks, placing);
    else placeChange(shelf, entry, rows.get(entry.id ?? ''), placing);
  }
  const byUrl = new Map(entries.flatMap((entry) => urlOf(entry, plan.results)));
  const byCondition = new Map(conditional.map((match) => [nameOf(match.condition), match]));
  for (const slot of slots) slot.reference.reference = target(slot, byUrl, byCondition);
  const undone = await inTurns(plan.writes, ({ resource }) =>
    resource === undefined ? [] : [replaceLinks(resource, 'urn:uuid:', (link) => byUrl.get(link))],
  );
  const undo = (): void => {
    for (const step of undone.flat()) step();
  };
  return { ...plan, undo, targets: [...plan.results.values()].map(({ head }) => targetOf(head)) };
}

const nameOf = ({ type, condition }: Condition): string => `${type}?${condition}`;

const distinct = (conditions: readonly Condition[]): Condition[] => [
  ...new Map(conditions.map((condition) => [nameOf(condition), condition])).values(),
];

const creationConditions = (entries: readonly Entry[]): Condition[] =>
  distinct(
    entries.flatMap(({ action, type, conditions }) => {
      const condition = conditions['if-none-exist'];
      return action === 'create' && condition !== undefined ? [{ type, condition }] : [];
    }),
  );

const referenceConditions = (slots: readonly Slot[]): Condition[] =>
  distinct(slots.flatMap(({ sent }) => conditionOf(sent) ?? []));

async function currentRows(shelf: Shelf, tenant: number, entries: readonly Entry[]): Promise<Map<string, StoredRow>> {
  const ids = entries.flatMap(({ id }) => (id !== undefined && isUuid(id) ? [id] : []));
  const rows = ids.length === 0 ? [] : await shelf.reader.currents(tenant, ids);
  return new Map(rows.map((row) => [row.id, row]));
}

interface Placing {
  readonly writes: Write[];
  readonly results: Map<number, { status: number; head: Head }>;
  /** What entries with a condition create: another entry with the same condition finds it. */
  readonly made: Map<string, Head>;
}

interface Creation extends Entry {
  readonly resource: JsonObject;
}

const isCreation = (entry: Entry): entry is Creation => entry.action === 'create' && entry.resource !== undefined;

/** A new resource, or the one that its condition names: there before, or made by an entry before. */
function placeCreation(shelf: Shelf, entry: Creation, locks: readonly Match[], placing: Placing): void {
  const { type, resource, index } = entry;
  const condition = entry.conditions['if-none-exist'];
  const name = condition === undefined ? undefined : nameOf({ type, condition });
  const found = locks.find((match) => nameOf(match.condition) === name)?.rows ?? [];
  if (found.length > 1) throw fault('stale', 'ifNoneExist: several resources match');
  const existing = found[0] ? headOf(found[0]) : placing.made.get(name ?? '');
  if (existing !== undefined) {
    placing.results.set(index, { status: 200, head: existing });
    return;
  }
  const write = newWrite(shelf, type, resource);
  const head = { type, id: write.id, version: 1, at: new Date(write.at) };
  placing.writes.push(write);
  if (name !== undefined) placing.made.set(name, head);
  placing.results.set(index, { status: 201, head });
}

/** The next version of a resource, or its deletion. */
function placeChange(shelf: Shelf, entry: Entry, row: StoredRow | undefined, { writes, results }: Placing): void {
  const { type, resource } = entry;
  if (row === undefined || row.type !== typeNumber(type)) throw missing(type);
  const wanted = versionCondition(entry.conditions['if-match'], 'ifMatch');
  if (wanted !== undefined && wanted !== row.version) throw fault('stale', 'ifMatch: the current version is another');
  if (resource === undefined && row.body === null) return;
  const at = shelf.clock.now();
  writes.push({ type, id: row.id, expected: row.version, at, ...(resource ? { resource } : {}) });
  const head = { type, id: row.id, version: row.version + 1, at: new Date(at) };
  results.set(entry.index, { status: resource === undefined ? 204 : 200, head });
}

function urlOf(entry: Entry, results: ReadonlyMap<number, { head: Head }>): [string, string][] {
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
