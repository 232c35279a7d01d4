import type { Shield } from '@safeguard/access';
import { isRawNumber, parseWritten, typeDefinition, writeJson } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';

/**
 * What shields take out of resources. Contained resources, and those in bundles, are shielded as what they are. Of a
 * shielded type the narrative goes too, because it repeats the elements; and the tag SUBSETTED says that this is a part
 * (R4 resource.html#Meta), whether or not anything was there to be taken.
 */

/** The shield of a type; undefined, or with nothing to hide: all of it is shown. */
export type ShieldOf = (type: string) => Shield | undefined;

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' } as const;

export const isElement = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);

function tagged(meta: unknown): JsonObject {
  const held = isElement(meta) ? meta : {};
  const tags = Array.isArray(held.tag) ? held.tag : [];
  const isSo = tags.some((tag) => isElement(tag) && tag.code === subsetted.code && tag.system === subsetted.system);
  return isSo ? held : { ...held, tag: [...tags, subsetted] };
}

/** A property that a step of a path names: a choice by its name (`value`, `value[x]`) or by one of its types. */
export interface Named {
  /** The datatype, or backbone type, of what stands there. */
  readonly type: string;
}

/** Undefined: the step names another property. What stands beside a primitive (`_value`) goes with it. */
export function namedBy(step: string, type: string, property: string): Named | undefined {
  const bare = property.startsWith('_') ? property.slice(1) : property;
  const definition = typeDefinition(type)?.elements.get(bare);
  const isIt = step === bare || step.replace('[x]', '') === (definition?.name ?? bare);
  return isIt ? { type: definition?.types[0] ?? '' } : undefined;
}

/** R4 knows no empty element (ele-1), nor an empty list. */
const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isElement(value) && Object.keys(value).length === 0;

function withoutPath(value: unknown, type: string, [step = '', ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withoutPath(item, type, [step, ...rest])).filter((item) => !isEmpty(item));
  }
  if (!isElement(value)) return value;
  const kept = Object.entries(value).flatMap(([key, held]): [string, unknown][] => {
    const named = namedBy(step, type, key);
    if (named === undefined) return [[key, held]];
    const left = rest.length === 0 ? undefined : withoutPath(held, named.type, rest);
    return left === undefined || isEmpty(left) ? [] : [[key, left]];
  });
  return Object.fromEntries(kept);
}

function ofResource(resource: JsonObject, hide: readonly string[]): JsonObject {
  if (hide.length === 0) return resource;
  const type = String(resource.resourceType);
  const made = hide.reduce((one, path) => withoutPath(one, type, path.split('.')) as JsonObject, resource);
  const { text: _text, resourceType, id, meta, ...rest } = made;
  return { resourceType, ...(id === undefined ? {} : { id }), meta: tagged(meta), ...rest };
}

/** Shields the resources inside a value; the value itself where there are none to shield. */
function inside(value: unknown, inner: ShieldOf): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => nested(item, inner));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isElement(value)) return value;
  const entries = Object.entries(value).map(([key, held]) => [key, nested(held, inner)] as const);
  return entries.some(([key, held]) => held !== value[key]) ? Object.fromEntries(entries) : value;
}

function nested(value: unknown, inner: ShieldOf): unknown {
  const isResource = isElement(value) && typeof value.resourceType === 'string';
  return inside(isResource ? ofResource(value, inner(String(value.resourceType))?.hide ?? []) : value, inner);
}

/**
 * A resource without what is hidden of it, and of those in it by `inner`; itself where nothing is to be taken.
 */
export const hiddenFrom = (resource: JsonObject, hide: readonly string[], inner: ShieldOf): JsonObject =>
  inside(ofResource(resource, hide), inner) as JsonObject;

/** Behind the head of a resource's text: another resource in it. */
const head = '"resourceType":';

/** The same of a resource's text, which is parsed only where something may have to go. */
export function hiddenText(
  { text, resource }: { readonly text: string; readonly resource?: JsonObject },
  hide: readonly string[],
  inner: ShieldOf,
): string {
  if (hide.length === 0 && !text.includes(head, head.length)) return text;
  const whole = resource ?? (parseWritten(text) as JsonObject);
  const made = hiddenFrom(whole, hide, inner);
  return made === whole ? text : writeJson(made);
}
