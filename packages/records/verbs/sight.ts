import type { Visibility } from '@safeguard/access';
import { compartmentPatients, parseWritten, typeName } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import type { StoredRow } from '../storage/rows.ts';

/**
 * Which resources a caller sees and may change: the one place where the verbs judge it. Who is limited to a patient
 * sees what R4's patient compartment puts with this patient, and what belongs to no patient and is of a shared type;
 * and writes what the compartment puts with this patient and with no other.
 */

const within = (patients: readonly string[], { patients: mine }: { readonly patients: readonly string[] }): boolean =>
  patients.some((patient) => mine.includes(patient));

/** Whether the caller sees an opened resource. Pure. */
export function sees(shelf: Pick<Shelf, 'access'>, visibility: Visibility, resource: JsonObject): boolean {
  if (typeof visibility === 'string') return visibility === 'all';
  const patients = compartmentPatients(resource);
  if (patients.length > 0) return within(patients, visibility);
  return shelf.access.sharedTypes.has(String(resource.resourceType));
}

/** Of this patient alone: by naming oneself beside another, nothing gets into the other's record. */
function holds(visibility: Visibility, resource: JsonObject): boolean {
  if (typeof visibility === 'string') return visibility === 'all';
  const patients = compartmentPatients(resource);
  return patients.length > 0 && patients.every((patient) => visibility.patients.includes(patient));
}

export const sightOf = (shelf: Shelf, { principal }: Call, type: string, action: string): Visibility =>
  shelf.access.visible(principal, type, action);

/** How far back a deleted resource's last content is looked for: a deletion does not follow a deletion. */
const back = 2;

/** The row by which a resource is judged: what is deleted by what it was; undefined: nothing is left of it. */
async function judged(shelf: Shelf, tenant: number, row: StoredRow): Promise<StoredRow | undefined> {
  if (row.body !== null) return row;
  const before = await shelf.reader.history(tenant, typeName(row.type), row.id, row.version, back);
  return before.find(({ body }) => body !== null);
}

interface Judging {
  readonly principal: Principal;
  readonly action: string;
  readonly test: (visibility: Visibility, resource: JsonObject) => boolean;
}

/** Which of the rows pass, as a list of yes and no in their order. Opens bodies only for who is limited. */
async function judge(
  shelf: Shelf,
  { principal, action, test }: Judging,
  rows: readonly StoredRow[],
): Promise<boolean[]> {
  const sights = rows.map((row) => shelf.access.visible(principal, typeName(row.type), action));
  if (sights.every((sight) => sight === 'all')) return rows.map(() => true);
  const { tenant, view } = principal;
  const contents = await Promise.all(rows.map((row) => judged(shelf, tenant, row)));
  const texts = await shelf.opener.texts(
    tenant,
    contents.flatMap((row) => row ?? []),
    view,
  );
  let next = 0;
  return contents.map((row, index) => {
    const text = row && texts[next++];
    const resource = text === undefined ? undefined : (parseWritten(text) as JsonObject);
    const sight = sights[index] ?? 'none';
    return sight === 'all' || (resource !== undefined && test(sight, resource));
  });
}

/** The rows that the caller sees, each judged on its own content. */
export async function seen(
  shelf: Shelf,
  { principal }: Call,
  action: string,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const test = (sight: Visibility, resource: JsonObject): boolean => sees(shelf, sight, resource);
  const yes = await judge(shelf, { principal, action, test }, rows);
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

/** Refuses to change a row: `absent` where the caller does not see it, 403 where it is outside their compartment. */
export async function requireChangeable(
  shelf: Shelf,
  call: Call,
  action: string,
  row: StoredRow,
  absent: () => Error,
): Promise<void> {
  if (sightOf(shelf, call, typeName(row.type), action) === 'all') return;
  if ((await seen(shelf, call, action, [row])).length === 0) throw absent();
  const [inside] = await judge(shelf, { principal: call.principal, action, test: holds }, [row]);
  if (!inside) throw outside();
}

/** Refuses to write content outside the caller's compartment: 403. `id`: the id that the resource will have. */
export function requireWritable(shelf: Shelf, call: Call, action: string, resource: JsonObject, id: string): void {
  const type = String(resource.resourceType);
  if (!holds(sightOf(shelf, call, type, action), { ...resource, id })) throw outside();
}

const outside = (): Error => fault('forbidden', 'Access denied: outside the patient compartment that is granted.');
