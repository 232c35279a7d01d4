import type { JsonObject } from '@safeguard/kernel';
import { isResourceType, typeDefinition } from './definitions.ts';
import { isObject, ownValue } from './object.ts';

/** A Reference as it stands in a resource: the visitor may change `reference` in place. */
export interface ReferenceObject {
  reference?: string;
  type?: string;
  display?: string;
}
/** `path` is the FHIRPath location below the resource: `subject`, `entry[3].item`. */
export type ReferenceVisitor = (reference: ReferenceObject, path: string) => void;

/** The properties of a type that hold objects, by name, with the type of those; `_name` holds an Element. */
const children = new Map<string, ReadonlyMap<string, string>>();

function childrenOf(type: string): ReadonlyMap<string, string> {
  const known = children.get(type);
  if (known) return known;
  const made = new Map<string, string>();
  for (const [name, { types }] of typeDefinition(type)?.elements ?? []) {
    const child = types[0] ?? '';
    if (typeDefinition(child)?.kind === 'primitive') made.set(`_${name}`, 'Element');
    else made.set(name, child);
  }
  children.set(type, made);
  return made;
}

const resourceTypeOf = (value: JsonObject): string => {
  const type = ownValue(value, 'resourceType');
  return typeof type === 'string' && isResourceType(type) ? type : '';
};

function walkList(list: readonly unknown[], type: string, path: string, visit: ReferenceVisitor, paths: boolean): void {
  for (let index = 0; index < list.length; index++) {
    const one = list[index];
    if (isObject(one)) walk(one, type, paths ? `${path}[${index}]` : path, visit, paths);
  }
}

function walk(value: JsonObject, type: string, path: string, visit: ReferenceVisitor, paths: boolean): void {
  if (type === 'Reference') visit(value as ReferenceObject, path);
  const known = childrenOf(typeDefinition(type)?.kind === 'resource' ? resourceTypeOf(value) : type);
  for (const key of Object.keys(value)) {
    const child = value[key];
    if (typeof child !== 'object' || child === null) continue;
    const childType = known.get(key);
    if (childType === undefined) continue;
    const below = !paths ? '' : path === '' ? key : `${path}.${key}`;
    if (Array.isArray(child)) walkList(child, childType, below, visit, paths);
    else if (isObject(child)) walk(child, childType, below, visit, paths);
  }
}

/**
 * Calls `visit` for every Reference in a resource, those in contained resources, extensions and (of a Bundle or
 * Parameters) whole resources inside included. The resource must be one that `validate` found nothing wrong with, or at
 * least no deeper than `parseJson` reads. Paths are built only for a visitor that takes two arguments.
 */
export function eachReference(resource: unknown, visit: ReferenceVisitor): void {
  if (isObject(resource)) walk(resource, 'Resource', '', visit, visit.length > 1);
}
