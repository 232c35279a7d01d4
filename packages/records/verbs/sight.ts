import type { Exception, Sight, Visibility } from '@safeguard/access';
import { parseWritten, typeName } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { segmentOf } from '../index-rows/index.ts';
import { fulfillingIn } from '../search/fulfilling.ts';
import { conditionsOf, criterionOf } from '../search/rule-query.ts';
import { requireShown } from '../search/shown.ts';
import { requireTold } from '../search/told.ts';
import type { StoredRow } from '../storage/rows.ts';
import { storedTexts } from '../storage/stored.ts';
import { type Content, contentOf, type Fulfilling, type Judging, shownOf, withPending } from './judge.ts';

/**
 * Which resources a caller sees and may change: the one place where the verbs judge it. Who is limited to patients sees
 * what R4's patient compartment puts with one of them, and what belongs to no patient and is of a shared type; and
 * writes what the compartment puts with these and with no other. Who is limited by a query sees and writes what
 * fulfils it; what is excepted is neither seen nor written.
 */

/** Queries that the resource itself is asked. */
function queriesOf(visibility: Visibility): readonly string[] {
  if (typeof visibility === 'string') return [];
  const ofException = ({ query, except = [] }: Exception): string[] => [
    ...(query === undefined ? [] : [query]),
    ...except.flatMap(ofException),
  ];
  return visibility.flatMap(({ query, except = [] }) => [
    ...(query === undefined ? [] : [query]),
    ...except.flatMap(ofException),
  ]);
}

const all = { shield: () => undefined } as const;

/** A query on what the caller's view does not show would tell it. Fault `forbidden`. */
function requireQueriesShown(view: Principal['view'], type: string, visibility: Visibility): void {
  if (view === 'full') return;
  for (const query of queriesOf(visibility)) {
    for (const condition of conditionsOf(criterionOf(type, query))) {
      requireShown({ view, ...all }, condition.parameter, condition.modifier);
      requireTold(view, condition);
    }
  }
}

/** Whether what is judged stands in the identity segment. */
const asksIdentity = (type: string, visibility: Visibility): boolean =>
  queriesOf(visibility).some((query) =>
    conditionsOf(criterionOf(type, query)).some(
      ({ parameter, modifier }) => segmentOf(parameter, modifier) === 'identity',
    ),
  );

function sightFor(shelf: Shelf, principal: Principal, type: string, action: string): Visibility {
  const visibility = shelf.access.visible(principal, type, action);
  requireQueriesShown(principal.view, type, visibility);
  return visibility;
}

export const sightOf = (shelf: Shelf, { principal }: Call, type: string, action: string): Visibility =>
  sightFor(shelf, principal, type, action);

/** What rules lead to, asked of the index. */
const storedFulfilling =
  (shelf: Shelf, principal: Principal): Fulfilling =>
  async (type, ids, where) =>
    ids.length === 0 ? new Set() : fulfillingIn(await shelf.engine.search(principal), type, ids, where);

export const judgingOf = (shelf: Shelf, principal: Principal, compartments: Judging['compartments']): Judging => ({
  sharedTypes: shelf.access.sharedTypes,
  fulfilling: storedFulfilling(shelf, principal),
  compartments,
});

/** How far back a deleted resource's last content is looked for: a deletion does not follow a deletion. */
const back = 2;

/** The row by which a resource is judged: what is deleted by what it was; undefined: nothing is left of it. */
export async function lastContent(shelf: Shelf, tenant: number, row: StoredRow): Promise<StoredRow | undefined> {
  if (row.body !== null) return row;
  const before = await shelf.reader.history(tenant, typeName(row.type), row.id, row.version, back);
  return before.find(({ body }) => body !== null);
}

interface Asked {
  readonly principal: Principal;
  readonly action: string;
  readonly compartments: Judging['compartments'];
}

const labelled = '"security":';

/** Contents of rows of one type as they were stored; undefined where nothing can be read. */
async function contentsOf(
  shelf: Shelf,
  tenant: number,
  rows: readonly StoredRow[],
  isWhole: boolean,
): Promise<(Content | undefined)[]> {
  const last = await Promise.all(rows.map((row) => lastContent(shelf, tenant, row)));
  const known = last.flatMap((row) => row ?? []);
  // Rules are asked of what is stored, whatever the view makes of it; and of identity only where a rule looks there.
  const texts = isWhole
    ? await shelf.opener.texts(tenant, known, 'full')
    : await storedTexts(shelf.seal, tenant, known);
  let next = 0;
  return last.map((row) => {
    const text = row && texts[next++];
    if (row === undefined || text === undefined) return undefined;
    return contentOf(typeName(row.type), row.id, () => parseWritten(text) as JsonObject, text.includes(labelled));
  });
}

/** The same of rows of one type, for whoever judges more than whether they are seen. */
export function rowContents(
  shelf: Shelf,
  { principal }: Pick<Call, 'principal'>,
  action: string,
  rows: readonly StoredRow[],
): Promise<(Content | undefined)[]> {
  const type = typeName(rows[0]?.type ?? 0);
  const visibility = sightFor(shelf, principal, type, action);
  return contentsOf(shelf, principal.tenant, rows, asksIdentity(type, visibility));
}

/**
 * Who may see all of a type but some exceptions is told that what nobody can read any more is gone. There is nothing
 * left of it that an exception could keep.
 */
const isGoneFor = (visibility: readonly Sight[]): boolean =>
  visibility.some((sight) => sight.patients === undefined && (sight.patientQuery ?? sight.query) === undefined);

/** The rows that pass. Opens bodies only for who is limited. */
async function passing(
  shelf: Shelf,
  { principal, action, compartments }: Asked,
  rows: readonly StoredRow[],
): Promise<ReadonlySet<StoredRow>> {
  const passed = new Set<StoredRow>();
  const judging = judgingOf(shelf, principal, compartments);
  for (const [number, some] of Map.groupBy(rows, ({ type }) => type)) {
    const type = typeName(number);
    const visibility = sightFor(shelf, principal, type, action);
    if (visibility === 'none') continue;
    if (visibility === 'all') {
      for (const row of some) passed.add(row);
      continue;
    }
    const contents = await contentsOf(shelf, principal.tenant, some, asksIdentity(type, visibility));
    const yes = await shownOf(
      judging,
      visibility,
      contents.flatMap((one) => one ?? []),
    );
    for (const [index, row] of some.entries()) {
      const content = contents[index];
      if (content === undefined ? isGoneFor(visibility) : yes.has(content)) passed.add(row);
    }
  }
  return passed;
}

/** The rows that the caller sees, each judged on its own content. */
export async function seen(
  shelf: Shelf,
  { principal }: Pick<Call, 'principal'>,
  action: string,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const yes = await passing(shelf, { principal, action, compartments: 'any' }, rows);
  return rows.filter((row) => yes.has(row));
}

/**
 * The versions that the caller sees: those that are visible and whose resource still is. What was filed with the wrong
 * patient and put right is no longer shown to that one.
 */
export async function seenVersions(
  shelf: Shelf,
  call: Call,
  action: string,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const limited = rows.some((row) => sightOf(shelf, call, typeName(row.type), action) !== 'all');
  if (!limited) return [...rows];
  const ids = [...new Set(rows.map((row) => row.id))];
  const currents = await shelf.reader.currents(call.principal.tenant, ids);
  const visible = new Set((await seen(shelf, call, action, currents)).map((row) => row.id));
  return seen(
    shelf,
    call,
    action,
    rows.filter((row) => visible.has(row.id)),
  );
}

/** Refuses what answers with what was there unless the caller sees that. `absent`: what is told then. */
export async function requireSeen(
  shelf: Shelf,
  call: Call,
  action: string,
  row: StoredRow,
  absent: () => Error,
): Promise<void> {
  if ((await seen(shelf, call, action, [row])).length === 0) throw absent();
}

/** Refuses to change a row: 403 where the caller sees it, but not by what would let them; else `absent`. */
export async function requireChangeable(
  shelf: Shelf,
  call: Call,
  action: string,
  row: StoredRow,
  absent: () => Error,
): Promise<void> {
  if (sightOf(shelf, call, typeName(row.type), action) === 'all') return;
  if ((await seen(shelf, call, action, [row])).length === 0) {
    await requireSeen(shelf, call, 'read', row, absent);
    throw outside();
  }
  if ((await changeable(shelf, call, action, [row])).length === 0) throw outside();
}

/** Of the rows those that the caller may change: each judged on its own content. */
export async function changeable(
  shelf: Shelf,
  { principal }: Call,
  action: string,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const yes = await passing(shelf, { principal, action, compartments: 'all' }, rows);
  return rows.filter((row) => yes.has(row));
}

/** What is about to be written. `id`: the id that it will have. */
export interface Writing {
  readonly action: string;
  readonly resource: JsonObject;
  readonly id: string;
}

/** What else the same transaction writes, by id: a rule may lead there. */
const nothing: ReadonlyMap<string, JsonObject> = new Map();

/** Refuses to write content outside what is granted: 403. */
export async function requireWritable(
  shelf: Shelf,
  call: Call,
  { action, resource, id }: Writing,
  pending = nothing,
): Promise<void> {
  const type = String(resource.resourceType);
  const visibility = sightOf(shelf, call, type, action);
  if (visibility === 'all') return;
  const judging = judgingOf(shelf, call.principal, 'all');
  const next = { ...resource, id };
  const content = contentOf(type, id, () => next, true);
  const fulfilling = withPending(judging.fulfilling, new Map([...pending, [id, next]]));
  const yes = await shownOf({ ...judging, fulfilling }, visibility, [content]);
  if (!yes.has(content)) throw outside();
}

const outside = (): Error => fault('forbidden', 'Access denied: outside of what the scopes and the policy grant.');
