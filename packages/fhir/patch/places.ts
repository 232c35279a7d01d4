import { fault, type JsonObject } from '@safeguard/kernel';
import { type ElementDefinition, typeDefinition } from '../definitions.ts';
import { isObject, ownValue } from '../object.ts';

/** Where one value of an element stands. */
export interface Place {
  readonly holder: JsonObject;
  /** The JSON property, without the `_` of what stands beside a primitive. */
  readonly key: string;
  readonly definition: ElementDefinition;
  /** 0 where the element is no list. */
  readonly index: number;
}

/** An object of the resource: its type, and its place but for the resource itself. */
export interface Known {
  readonly type: string;
  readonly place: Place | undefined;
}

export type Tree = ReadonlyMap<object, Known>;

/** Objects that one patch may look at: each operation walks the resource anew. */
export const walk_limit = 1_000_000;

interface Walk {
  readonly tree: Map<object, Known>;
  left: number;
}

function note(value: unknown, type: string, place: Place | undefined, walk: Walk): void {
  if (!isObject(value)) return;
  walk.left -= 1;
  if (walk.left < 0) throw fault('tooLarge', 'The patch has too many operations for a resource of this size.');
  const known = type === 'Resource' ? String(ownValue(value, 'resourceType')) : type;
  walk.tree.set(value, { type: known, place });
  const elements = typeDefinition(known)?.elements;
  for (const name of Object.keys(value)) {
    const isAside = name.startsWith('_');
    const key = isAside ? name.slice(1) : name;
    const definition = elements?.get(key);
    if (definition === undefined) continue;
    const below = { holder: value, key, definition };
    noteAll(value[name], isAside ? 'Element' : (definition.types[0] ?? ''), below, walk);
  }
}

function noteAll(value: unknown, type: string, below: Omit<Place, 'index'>, walk: Walk): void {
  if (typeof value !== 'object' || value === null) return;
  const items = Array.isArray(value) ? value : [value];
  for (const [index, item] of items.entries()) note(item, type, { ...below, index }, walk);
}

/** Every object of a resource, by identity. `left` is what is left of `walk_limit`, and what will be left. */
export function treeOf(resource: JsonObject, left: number): { readonly tree: Tree; readonly left: number } {
  const walk: Walk = { tree: new Map(), left };
  note(resource, 'Resource', undefined, walk);
  return { tree: walk.tree, left: walk.left };
}
