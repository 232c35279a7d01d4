import assert from 'node:assert/strict';
import type { Answer } from './instance.ts';

type Ask = (path: string) => Promise<Answer>;

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const idsOf = ({ json }: Answer): string[] =>
  (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);

/**
 * Puts a recipient's own pseudonyms in place of ids. They can be paired by nobody who holds one side only; here both
 * sides list the same resources of each type, in the order of their creation.
 */
export async function ownNames(full: Ask, masked: Ask, types: Iterable<string>): Promise<(text: string) => string> {
  const names = new Map<string, string>();
  for (const type of new Set(types)) {
    const path = `/fhir/R4/${type}?_count=200`;
    const [ids, own] = [idsOf(await full(path)), idsOf(await masked(path))];
    assert.equal(own.length, ids.length, type);
    for (const [index, id] of ids.entries()) names.set(id, own[index] ?? id);
  }
  return (text) => text.replace(uuids, (id) => names.get(id) ?? id);
}

/** The views that are made of the clinical segment alone. */
export const maskedViews = ['without-identity', 'limited', 'deidentified'] as const;
export type MaskedView = (typeof maskedViews)[number];
