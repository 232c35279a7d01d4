import type { JsonObject } from '@safeguard/kernel';
import { checkContent } from './compile.ts';
import { type Context, report } from './context.ts';
import { isResourceType } from './definitions.ts';
import { isObject, ownValue } from './object.ts';

/** The resource type that an object states; undefined, and reported, when it states none of R4's. */
function statedType(value: JsonObject, context: Context): string | undefined {
  const type = ownValue(value, 'resourceType');
  if (typeof type === 'string' && isResourceType(type)) return type;
  if (type === undefined) report(context, 'required', 'expected resourceType', 'resourceType');
  else report(context, 'structure', 'expected the name of a FHIR R4 resource type', 'resourceType');
  return undefined;
}

function containedTypes(value: JsonObject): Map<string, string> | undefined {
  const list = ownValue(value, 'contained');
  if (!Array.isArray(list)) return undefined;
  const named = list.filter(isObject).map((one) => [ownValue(one, 'id'), ownValue(one, 'resourceType')]);
  return new Map(named.filter((pair): pair is [string, string] => pair.every((one) => typeof one === 'string')));
}

/** Entries refer to one another by the fullUrl that a Bundle gives them, which tells no type by itself. */
function entryTypes(value: JsonObject): Map<string, string> {
  const list = ownValue(value, 'entry');
  const found = new Map<string, string>();
  for (const entry of Array.isArray(list) ? list.filter(isObject) : []) {
    const [url, resource] = [ownValue(entry, 'fullUrl'), ownValue(entry, 'resource')];
    const type = isObject(resource) ? ownValue(resource, 'resourceType') : undefined;
    if (typeof url === 'string' && typeof type === 'string') found.set(url, type);
  }
  return found;
}

/** What holds of a contained resource alone (dom-2, dom-4, dom-5, references.html#contained). */
function checkContained(value: JsonObject, context: Context): void {
  if (Object.hasOwn(value, 'contained')) {
    report(context, 'invariant', 'expected no contained resources in a contained one (dom-2)', 'contained');
  }
  if (!Object.hasOwn(value, 'id')) report(context, 'required', 'expected an id in a contained resource', 'id');
  const meta = ownValue(value, 'meta');
  if (!isObject(meta)) return;
  for (const name of ['versionId', 'lastUpdated', 'security']) {
    if (Object.hasOwn(meta, name)) {
      const key = name === 'security' ? 'dom-5' : 'dom-4';
      const text = `expected no version, time or security label in a contained resource (${key})`;
      report(context, 'invariant', text, 'meta', name);
    }
  }
}

function checkDistinctIds(value: JsonObject, context: Context): void {
  const list = ownValue(value, 'contained');
  if (!Array.isArray(list) || context.contained === undefined) return;
  const ids = list
    .filter(isObject)
    .map((one) => ownValue(one, 'id'))
    .filter((id) => typeof id === 'string');
  if (new Set(ids).size < ids.length)
    report(context, 'invariant', 'expected contained ids to be distinct', 'contained');
}

/** Checks a whole resource, at the root or inside another; the path leads to it. */
export function checkResource(value: unknown, context: Context, inside: boolean): void {
  if (!isObject(value)) {
    report(context, 'structure', 'expected a resource: an object with resourceType');
    return;
  }
  const type = statedType(value, context);
  if (type === undefined) return;
  const { contained, entries, inside: outside, resource, root } = context;
  context.inside = inside;
  context.resource = value;
  if (inside) checkContained(value, context);
  else {
    context.root = value;
    context.contained = containedTypes(value);
    checkDistinctIds(value, context);
    if (type === 'Bundle') context.entries = entryTypes(value);
  }
  checkContent(type, value, context);
  context.contained = contained;
  context.entries = entries;
  context.inside = outside;
  context.resource = resource;
  context.root = root;
}
