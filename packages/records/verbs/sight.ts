import type { Sight, Visibility } from '@safeguard/access';
import { compartmentPatients, parseWritten, typeName } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { conditionsOf, criterionOf, fulfils } from '../search/criteria.ts';
import { requireShown } from '../search/plan.ts';
import { unlabelled } from '../segments/index.ts';
import type { StoredRow } from '../storage/rows.ts';

/**
 * Which resources a caller sees and may change: the one place where the verbs judge it. Who is limited to patients sees
 * what R4's patient compartment puts with one of them, and what belongs to no patient and is of a shared type; and
 * writes what the compartment puts with these and with no other. Who is limited by a query sees and writes what
 * fulfils it.
 */

/** A resource that is being judged, with the patients in whose compartments it is. */
interface Judged {
  readonly type: string;
  readonly patients: readonly string[];
  readonly resource: JsonObject;
}

const judgedOf = (resource: JsonObject): Judged => ({
  type: String(resource.resourceType),
  patients: compartmentPatients(resource),
  resource,
});

const never = (): boolean => false;

const fulfilsQuery = ({ type, resource }: Judged, { query }: Sight): boolean =>
  query === undefined || fulfils(resource, criterionOf(type, query), never);

type Test = (shelf: Pick<Shelf, 'access'>, judged: Judged, sight: Sight) => boolean;

const shows: Test = ({ access }, judged, sight) => {
  const { type, patients } = judged;
  const { patients: mine } = sight;
  if (mine === undefined) return fulfilsQuery(judged, sight);
  const near = patients.length > 0 ? patients.some((one) => mine.includes(one)) : access.sharedTypes.has(type);
  return near && fulfilsQuery(judged, sight);
};

/** Of these patients alone: by naming oneself beside another, nothing gets into the other's record. */
const holds: Test = (_shelf, judged, sight) => {
  const { patients } = judged;
  const { patients: mine } = sight;
  const own = mine === undefined || (patients.length > 0 && patients.every((one) => mine.includes(one)));
  return own && fulfilsQuery(judged, sight);
};

function passes(shelf: Pick<Shelf, 'access'>, test: Test, visibility: Visibility, resource: JsonObject): boolean {
  if (typeof visibility === 'string') return visibility === 'all';
  const judged = judgedOf(resource);
  return visibility.some((sight) => test(shelf, judged, sight));
}

/** Whether the caller sees an opened resource. Pure. */
export const sees = (shelf: Pick<Shelf, 'access'>, visibility: Visibility, resource: JsonObject): boolean =>
  passes(shelf, shows, visibility, resource);

/** A query on what the caller's view does not show would tell it. Fault `forbidden`. */
function requireQueriesShown(view: Principal['view'], type: string, visibility: Visibility): void {
  if (view === 'full' || typeof visibility === 'string') return;
  for (const { query } of visibility) {
    if (query === undefined) continue;
    for (const { parameter } of conditionsOf(criterionOf(type, query))) requireShown(view, parameter);
  }
}

function sightFor(shelf: Shelf, principal: Principal, type: string, action: string): Visibility {
  const visibility = shelf.access.visible(principal, type, action);
  requireQueriesShown(principal.view, type, visibility);
  return visibility;
}

export const sightOf = (shelf: Shelf, { principal }: Call, type: string, action: string): Visibility =>
  sightFor(shelf, principal, type, action);

/** How far back a deleted resource's last content is looked for: a deletion does not follow a deletion. */
const back = 2;

/** The row by which a resource is judged: what is deleted by what it was; undefined: nothing is left of it. */
async function contentOf(shelf: Shelf, tenant: number, row: StoredRow): Promise<StoredRow | undefined> {
  if (row.body !== null) return row;
  const before = await shelf.reader.history(tenant, typeName(row.type), row.id, row.version, back);
  return before.find(({ body }) => body !== null);
}

interface Judging {
  readonly principal: Principal;
  readonly action: string;
  readonly test: Test;
}

/** Which of the rows pass, as a list of yes and no in their order. Opens bodies only for who is limited. */
async function judge(
  shelf: Shelf,
  { principal, action, test }: Judging,
  rows: readonly StoredRow[],
): Promise<boolean[]> {
  const sights = rows.map((row) => sightFor(shelf, principal, typeName(row.type), action));
  if (sights.every((sight) => sight === 'all')) return rows.map(() => true);
  const { tenant, view } = principal;
  const contents = await Promise.all(rows.map((row) => contentOf(shelf, tenant, row)));
  const texts = await shelf.opener.texts(
    tenant,
    contents.flatMap((row) => row ?? []),
    view,
  );
  let next = 0;
  return contents.map((row, index) => {
    const text = row && texts[next++];
    const sight = sights[index] ?? 'none';
    if (sight === 'all' || text === undefined) return sight === 'all';
    const resource = parseWritten(text) as JsonObject;
    return passes(shelf, test, sight, view === 'full' ? resource : unlabelled(resource));
  });
}

/** The rows that the caller sees, each judged on its own content. */
export async function seen(
  shelf: Shelf,
  { principal }: Pick<Call, 'principal'>,
  action: string,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const yes = await judge(shelf, { principal, action, test: shows }, rows);
  return rows.filter((_, index) => yes[index]);
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
  const [inside] = await judge(shelf, { principal: call.principal, action, test: holds }, [row]);
  if (!inside) throw outside();
}

/** Of the rows those that the caller may change: each judged on its own content. */
export async function changeable(
  shelf: Shelf,
  { principal }: Call,
  action: string,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const yes = await judge(shelf, { principal, action, test: holds }, rows);
  return rows.filter((_, index) => yes[index]);
}

/** Refuses to write content outside what is granted: 403. `id`: the id that the resource will have. */
export function requireWritable(shelf: Shelf, call: Call, action: string, resource: JsonObject, id: string): void {
  const type = String(resource.resourceType);
  if (!passes(shelf, holds, sightOf(shelf, call, type, action), { ...resource, id })) throw outside();
}

const outside = (): Error =>
  fault(
    'forbidden',
    'Access denied: outside the patient compartment, or the restriction of the scope, that is granted.',
  );
