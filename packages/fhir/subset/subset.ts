import type { JsonObject } from '@safeguard/kernel';
import { isResourceType, type TypeDefinition, typeDefinition } from '../definitions.ts';
import { isObject, ownValue } from '../object.ts';
import { eachReference } from '../references.ts';
import { keptOf, summaryOf } from './marks.ts';

export interface SubsetOptions {
  /** `_summary`; its `count` and `false` are the caller's business. */
  readonly summary?: 'true' | 'text' | 'data';
  /**
   * `_elements`: names at the top of the resource, with its type before them or without (`name`, `Patient.name`); what
   * stands deeper counts as the element that it stands in. Those that its type lacks are passed over.
   */
  readonly elements?: readonly string[];
}

/** R4 search.html 3.1.1.5.8: says that the resource must not be written back as it is. */
const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
};

const isSubsetted = (tag: unknown): boolean =>
  isObject(tag) && tag['code'] === subsetted.code && tag['system'] === subsetted.system;

function tagged(meta: unknown): JsonObject {
  const before = isObject(meta) ? meta : {};
  const tags = Array.isArray(before['tag']) ? before['tag'] : [];
  return { ...before, tag: tags.some(isSubsetted) ? tags : [...tags, { ...subsetted }] };
}

/** The property without the `_` of what stands beside a primitive. */
const bare = (key: string): string => (key.startsWith('_') ? key.slice(1) : key);

const only = (object: JsonObject, keep: (key: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key === 'resourceType' || keep(bare(key))));

/** The summary of one value of an element. */
function summarized(value: unknown, typeName: string): unknown {
  if (Array.isArray(value)) return value.map((item) => summarized(item, typeName));
  // A resource inside a Bundle is the caller's to shorten.
  if (typeName === 'Resource') return value;
  const keys = summaryOf(typeName);
  const type = typeDefinition(typeName);
  return isObject(value) && keys && type ? summary(value, type, keys) : value;
}

/** Extensions of a primitive go too, where a value stands without them: they are no part of a summary. */
function summary(object: JsonObject, type: TypeDefinition, keys: ReadonlySet<string>): JsonObject {
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    const definition = type.elements.get(bare(key));
    const isBare = !key.startsWith('_');
    if (key === 'resourceType') made[key] = value;
    else if (!definition || !keys.has(bare(key))) continue;
    else if (isBare) made[key] = summarized(value, definition.types[0] ?? '') as JsonObject[string];
    else if (!isWhole(ownValue(object, bare(key)))) made[key] = value;
  }
  return made;
}

/** A primitive that has its value; a list of them, all. */
const isWhole = (value: unknown): boolean =>
  Array.isArray(value) ? !value.includes(null) : value !== undefined && value !== null;

/** Ids of contained resources that a part refers to. */
function fragments(part: unknown): string[] {
  const ids: string[] = [];
  eachReference(part, ({ reference }) => {
    if (typeof reference === 'string' && reference.startsWith('#')) ids.push(reference.slice(1));
  });
  return ids;
}

/** Contained resources stay where something that stays refers to them: `#id` would mean nothing without. */
function withContained(made: JsonObject, resource: JsonObject): JsonObject {
  const contained = ownValue(resource, 'contained');
  if (!Array.isArray(contained) || Object.hasOwn(made, 'contained')) return made;
  const byId = new Map(contained.filter(isObject).map((one) => [one['id'], one]));
  const wanted = new Set<unknown>();
  for (let ids = fragments(made); ids.length > 0; ) {
    const added = [...new Set(ids)].filter((id) => byId.has(id) && !wanted.has(id));
    for (const id of added) wanted.add(id);
    ids = added.flatMap((id) => fragments(byId.get(id)));
  }
  if (wanted.size === 0) return made;
  return { ...made, contained: [...byId.values()].filter((one) => wanted.has(one['id'])) };
}

const topName = (name: string, type: TypeDefinition): string => {
  const [first = '', second = ''] = name.split('.');
  return first === type.name ? second : first;
};

function chosen(resource: JsonObject, type: TypeDefinition, options: SubsetOptions): JsonObject {
  if (options.elements !== undefined) {
    const kept = keptOf(
      type,
      options.elements.map((name) => topName(name, type)),
    );
    return only(resource, (key) => kept.has(key));
  }
  if (options.summary === 'data') return only(resource, (key) => key !== 'text');
  if (options.summary === 'text') {
    const kept = keptOf(type, ['text']);
    return only(resource, (key) => kept.has(key));
  }
  return summary(resource, type, summaryOf(type.name) ?? keptOf(type, []));
}

/**
 * The part of a resource that `_summary` or `_elements` asks for (R4 search.html 3.1.1.5.8 and 9), marked SUBSETTED in
 * `meta.tag`; with both, `elements` counts. It has always `id`, `meta`, what R4 demands, and what changes the meaning
 * of the rest: `modifierExtension`, `implicitRules`, the `contained` resources that it refers to. `true`: what R4
 * marks, in datatypes and backbones too, without extensions; `text`: the narrative; `data`: all but the narrative.
 * Without either the resource itself. The resource is not changed; the result shares its parts.
 */
export function subset(resource: JsonObject, options: SubsetOptions): JsonObject {
  if (options.summary === undefined && options.elements === undefined) return resource;
  const name = ownValue(resource, 'resourceType');
  const type = typeof name === 'string' && isResourceType(name) ? typeDefinition(name) : undefined;
  if (type === undefined) return resource;
  const { resourceType, id, meta, ...rest } = withContained(chosen(resource, type, options), resource);
  return { resourceType, ...(id === undefined ? {} : { id }), meta: tagged(meta), ...rest } as JsonObject;
}
