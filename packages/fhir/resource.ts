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
      report(context, 'invariant', 'expected no version, time or security label in a contained resource', 'meta', name);
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
  const outer = { contained: context.contained, inside: context.inside };
  context.inside = inside;
  if (inside) checkContained(value, context);
  else {
    context.contained = containedTypes(value);
    checkDistinctIds(value, context);
  }
  checkContent(type, value, context);
  context.contained = outer.contained;
  context.inside = outer.inside;
}
