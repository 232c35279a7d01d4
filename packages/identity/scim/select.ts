import type { Kind } from './attributes.ts';
import type { Resource } from './match.ts';
import { placeOf } from './path.ts';

/** `attributes` and `excludedAttributes` of a query (RFC 7644 3.9): at most one of them counts. */
export interface Selection {
  readonly attributes: readonly string[];
  readonly excluded: readonly string[];
}

const most = 60;
export const namesOf = (text: string | null | undefined): string[] =>
  (text ?? '')
    .split(',', most)
    .map((name) => name.trim())
    .filter((name) => name !== '');

const always = new Set(['id', 'schemas']);

/** The key of the resource that a name selects, and of its value. */
function keysOf(kind: Kind, name: string): { outer: string; inner?: string; sub?: string } | undefined {
  const extension = kind.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());
  if (extension !== undefined) return { outer: extension.id };
  const place = placeOf(kind, name);
  if (place === undefined || place === 'ignored') return undefined;
  const sub = place.sub === undefined ? {} : { sub: place.sub.name };
  return place.extension === undefined
    ? { outer: place.attribute.name, ...sub }
    : { outer: place.extension, inner: place.attribute.name };
}

const pick = (value: unknown, key: string, keep: boolean): unknown => {
  if (Array.isArray(value)) return value.map((one) => pick(one, key, keep));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => (name === key) === keep));
};

function included(kind: Kind, resource: Resource, names: readonly string[]): Resource {
  const kept: Record<string, unknown> = {};
  for (const { outer, inner, sub } of names.flatMap((name) => keysOf(kind, name) ?? [])) {
    const value = resource[outer];
    const narrower = inner ?? sub;
    if (value !== undefined)
      kept[outer] = narrower === undefined ? value : merge(kept[outer], pick(value, narrower, true));
  }
  return Object.fromEntries(Object.entries(resource).flatMap(([key]) => keptOf(key, kept, resource)));
}

const keptOf = (key: string, kept: Resource, resource: Resource): [string, unknown][] => {
  if (always.has(key)) return [[key, resource[key]]];
  return Object.hasOwn(kept, key) ? [[key, kept[key]]] : [];
};

/** Two narrowings of one attribute give both of what they keep. */
function merge(one: unknown, other: unknown): unknown {
  if (one === undefined) return other;
  if (Array.isArray(one) && Array.isArray(other)) return one.map((value, at) => merge(value, other[at]));
  return typeof one === 'object' && typeof other === 'object' ? { ...one, ...other } : other;
}

function withoutNames(kind: Kind, resource: Resource, names: readonly string[]): Resource {
  return names
    .flatMap((name) => keysOf(kind, name) ?? [])
    .filter(({ outer }) => !always.has(outer))
    .reduce<Resource>((left, { outer, inner, sub }) => {
      const narrower = inner ?? sub;
      const { [outer]: value, ...rest } = left;
      if (value === undefined) return left;
      return narrower === undefined ? rest : { ...rest, [outer]: pick(value, narrower, false) };
    }, resource);
}

/** What of a resource is answered. Names that nobody knows select nothing. */
export function select(kind: Kind, resource: Resource, { attributes, excluded }: Selection): Resource {
  if (attributes.length > 0) return included(kind, resource, attributes);
  return excluded.length > 0 ? withoutNames(kind, resource, excluded) : resource;
}
