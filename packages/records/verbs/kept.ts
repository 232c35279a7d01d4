import { parseWritten, writeJson } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { isElement, namedBy } from '../search/hide.ts';
import type { StoredRow } from '../storage/rows.ts';
import { contentAt, writersShield } from './shields.ts';
import { lastContent } from './sight.ts';

/** What writes must leave as it is: what their caller does not see, and what they may only read. */

export const refused = (text: string): Error => fault('forbidden', `Access denied: ${text}`);

/** What is there, opened; of what is deleted, as it was. */
async function before(shelf: Shelf, call: Call, row: StoredRow): Promise<JsonObject | undefined> {
  const { tenant } = call.principal;
  const content = await lastContent(shelf, tenant, row);
  const text = content && (await shelf.opener.text(tenant, content, 'full'));
  return text === undefined ? undefined : (parseWritten(text) as JsonObject);
}

/** What stands at a path, list in list as the path goes; undefined: nothing. */
function at(value: unknown, type: string, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) return trimmed(value.map((item) => at(item, type, path)));
  if (!isElement(value)) return undefined;
  const found = Object.entries(value).flatMap(([key, held]): [string, unknown][] => {
    const named = namedBy(step, type, key);
    const inner = named && at(held, named.type, rest);
    return inner === undefined ? [] : [[key, inner]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Without what is not there at a list's end: what is added behind changes nothing before it. */
function trimmed(items: readonly unknown[]): unknown {
  const last = items.findLastIndex((item) => item !== undefined);
  return last < 0 ? undefined : items.slice(0, last + 1).map((item) => item ?? null);
}

/** Members in one order: JSON gives it no meaning. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isElement(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, held]) => [key, ordered(held)]));
}

const textAt = (resource: JsonObject, path: string): string =>
  writeJson({ at: ordered(at(resource, String(resource.resourceType), path.split('.'))) });

/** What is about to stand in a row's place. */
export interface Replacing {
  readonly action: string;
  readonly row: StoredRow;
  readonly next: JsonObject;
}

/**
 * Refuses to replace a resource of which a part is hidden from the caller, who would lose it, and to change what they
 * may only read: 403. A patch has left in place what it does not see (frozen.ts).
 */
export async function requireKept(shelf: Shelf, call: Call, { action, row, next }: Replacing): Promise<void> {
  const type = String(next.resourceType);
  if (!isShielded(shelf, call, type, action)) return;
  const there = await before(shelf, call, row);
  if (there === undefined) return;
  const { hide, readonly } = await writersShield(shelf, call, action, contentAt(there, type, row.id));
  if (hide.length > 0 && action === 'update') {
    throw refused('elements of this resource are hidden from you: change the others with PATCH.');
  }
  if (readonly.some((path) => textAt(there, path) !== textAt(next, path))) {
    throw refused('an element of this resource is not yours to change.');
  }
}

/** Whether any permit of a type shields anything from who reads or writes it. */
const isShielded = ({ access }: Pick<Shelf, 'access'>, { principal }: Call, type: string, action: string) =>
  ['read', action].some((each) => access.shield?.(principal, type, each, 'any') !== undefined);

/** Refuses what would tell of elements that are hidden: 403. */
export async function requireUnshielded(shelf: Shelf, call: Call, action: string, resource: JsonObject): Promise<void> {
  const type = String(resource.resourceType);
  if (!isShielded(shelf, call, type, action)) return;
  const { hide } = await writersShield(shelf, call, action, contentAt(resource, type, String(resource.id)));
  if (hide.length > 0) throw refused('elements of this resource are hidden from you.');
}
