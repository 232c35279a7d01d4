import { codeList, type ElementDefinition, resourceTypes, typeDefinition } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import { type SegmentMap, segmentMap, worded } from '../segments/index.ts';

/** A value put into an instance to be searched for, and what an independent reading of the map says of it. */
export interface Plant {
  /** `Type.element` */
  readonly at: string;
  readonly value: string;
  readonly lifted: boolean;
  readonly worded: boolean;
}

export interface Instance {
  readonly resource: JsonObject;
  readonly plants: readonly Plant[];
}

export interface Growth {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly map: SegmentMap;
  readonly depth: number;
  /** Chance that an optional element is there, the outermost level excepted when it is 1. */
  readonly chance: number;
  readonly plants: Plant[];
  counter: number;
}

const pick = <T>(growth: Growth, list: readonly T[]): T => list[Math.floor(growth.random() * list.length)] as T;
const day = (number: number): string => new Date(Date.UTC(1500, 0, 1) + number * 86_400_000).toISOString().slice(0, 10);
const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const unknownUrl = 'http://example.org/unknown';
const plainUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

const texts: Record<string, (number: number) => string> = {
  string: (n) => `planted${n}z`,
  markdown: (n) => `planted${n}z`,
  xhtml: (n) => `<div xmlns="http://www.w3.org/1999/xhtml">planted${n}z</div>`,
  base64Binary: (n) => `plan${String(n).padStart(8, '0')}`,
  uri: (n) => `urn:x:planted${n}z`,
  url: (n) => `https://example.org/planted${n}z`,
  oid: (n) => `urn:oid:1.2.7777.${n + 1_000_000}`,
  uuid: (n) => `urn:uuid:${uuid(n)}`,
  id: (n) => `planted${n}z`,
  canonical: (n) => `http://example.org/canon/${n}z`,
  date: (n) => day(n),
  dateTime: (n) => `${day(n)}T10:00:00Z`,
  instant: (n) => `${day(n)}T10:00:00Z`,
};

/** A raw number where JavaScript would write it differently, as `parseJson` gives it. */
const rawNumber = (text: string): unknown => (JSON as never as { rawJSON(text: string): unknown }).rawJSON(text);

function primitive(growth: Growth, at: string, type: string, element: ElementDefinition, lifted: boolean): unknown {
  growth.counter++;
  if (type === 'boolean') return true;
  if (type === 'decimal') return pick(growth, [1.5, 2, rawNumber('1.00')]);
  if (/[iI]nt/.test(type) && type !== 'instant') return 1 + (growth.counter % 9);
  if (type === 'code') return codeOf(element);
  if (at === 'Reference.reference') return `${element.targets?.[0] ?? 'Patient'}/${uuid(growth.counter)}`;
  if (at === 'Reference.type') return element.targets?.[0] ?? 'Patient';
  if (type === 'time') return '10:00:00';
  const value = (texts[type] ?? String)(growth.counter);
  growth.plants.push({ at, value, lifted, worded: worded.has(type) });
  return value;
}

function codeOf(element: ElementDefinition): string {
  const list = element.binding ? codeList(element.binding) : undefined;
  return Object.values(list ?? {}).find((codes) => codes.length > 0)?.[0] ?? 'code';
}

const isPrimitive = (type: string): boolean => /^[a-z]/.test(type);
const liftedBy = (growth: Growth, owner: string, name: string, type: string): boolean =>
  [...growth.map.types, ...growth.map.paths].some((rule) => rule.at === type || rule.at === `${owner}.${name}`);

interface Place {
  readonly depth: number;
  readonly lifted: boolean;
  /** Inside a person's resource, where unknown extensions are lifted. */
  readonly person: boolean;
  readonly targets?: readonly string[];
}

/** One property per choice; a mandatory one always, others by chance. */
function* chosen(growth: Growth, owner: string, place: Place): Generator<[string, ElementDefinition]> {
  const choices = new Map<string, [string, ElementDefinition][]>();
  for (const [name, element] of typeDefinition(owner)?.elements ?? []) {
    if (['extension', 'modifierExtension', 'contained', 'implicitRules'].includes(name)) continue;
    if (name === 'language' && element.min === 0) continue;
    choices.set(element.name, [...(choices.get(element.name) ?? []), [name, element]]);
  }
  for (const options of choices.values()) {
    const [name, element] = pick(growth, options);
    const optional = place.depth >= growth.depth ? 0 : growth.chance;
    const simple = isPrimitive(element.types[0] ?? '') && place.depth <= growth.depth;
    if (element.min > 0 || growth.random() < (simple ? growth.chance : optional)) yield [name, element];
  }
}

function extension(growth: Growth, place: Place): JsonObject {
  const identityUrls = growth.map.identityExtensions.map((rule) => rule.url);
  const url = pick(growth, pick(growth, [[unknownUrl], growth.map.clinicalExtensions, identityUrls]));
  const identifying = growth.map.identityExtensions.some((rule) => rule.url === url);
  const foreign = place.person && !growth.map.clinicalExtensions.includes(url);
  const values = [...(typeDefinition('Extension')?.elements ?? [])].filter(([name]) => name.startsWith('value'));
  const [name, element] = pick(growth, values);
  const type = element.types[0] ?? '';
  const lifted = place.lifted || identifying || foreign || liftedBy(growth, 'Extension', name, type);
  return { url, [name]: value(growth, 'Extension', name, element, { ...place, lifted, person: false }) };
}

function value(growth: Growth, owner: string, name: string, element: ElementDefinition, place: Place): unknown {
  const type = element.types[0] ?? '';
  const lifted = place.lifted || liftedBy(growth, owner, name, type);
  if (isPrimitive(type))
    return primitive(growth, `${owner}.${name}`, type, { ...element, ...targetsOf(place) }, lifted);
  if (type === 'Resource') return undefined;
  const system = element.binding && codeList(element.binding);
  if (system && type === 'CodeableConcept') return { coding: [codingOf(system)] };
  const { depth, person } = place;
  const made = object(growth, type, { depth: depth + 1, lifted, person, ...targetsOf(element) });
  return Object.keys(made).some((key) => key !== 'id') ? made : { extension: [{ url: plainUrl, valueCode: 'code' }] };
}

function codingOf(list: Readonly<Record<string, readonly string[]>>): JsonObject {
  const [system, codes] = Object.entries(list)[0] ?? [];
  return { system, code: codes?.[0] };
}

const targetsOf = ({ targets }: { readonly targets?: readonly string[] }): { targets?: readonly string[] } =>
  targets ? { targets } : {};

/** `_element`: an id and an extension, at the positions of the list where one stands. */
function sibling(growth: Growth, place: Place): JsonObject {
  growth.counter++;
  return { id: `e${growth.counter}`, extension: [extension(growth, { ...place, depth: growth.depth + 1 })] };
}

function object(growth: Growth, owner: string, place: Place): JsonObject {
  const made: JsonObject = {};
  for (const [name, element] of chosen(growth, owner, place)) {
    const lifted = place.lifted || liftedBy(growth, owner, name, element.types[0] ?? '');
    const one = (): unknown => value(growth, owner, name, element, place);
    const first = one();
    if (first === undefined) continue;
    const withSibling = isPrimitive(element.types[0] ?? '') && name !== 'id' && name !== 'url' && growth.random() < 0.1;
    made[name] = element.list ? (withSibling ? [first, null, one()] : [first, one()].slice(0, element.max)) : first;
    if (withSibling) {
      const beside = (): JsonObject => sibling(growth, { ...place, lifted });
      made[`_${name}`] = element.list ? [null, beside(), null] : beside();
    }
  }
  const extends_ = owner !== 'Extension' && typeDefinition(owner)?.elements.has('extension');
  if (extends_ && growth.random() < 0.3) made.extension = [extension(growth, place)];
  return made;
}

/** Puts resources into the entries of a Bundle, one each. */
function hold(bundle: JsonObject, resources: readonly JsonObject[]): void {
  const entries = (bundle.entry ?? []) as JsonObject[];
  if (resources.length === 0) return;
  bundle.entry = resources.map((resource, index) => ({ ...entries[index], resource }));
}

/** A resource of the type; others of every kind of treatment stand contained in it where the type allows. */
export function grow(type: string, growth: Growth, contained: readonly string[] = []): JsonObject {
  const person = growth.map.persons.includes(type);
  const made = object(growth, type, { depth: 0, lifted: false, person });
  const inner = contained.map((name, index) => ({ ...grow(name, growth), id: `c${index}` }));
  for (const resource of inner as JsonObject[]) delete resource.meta;
  const holds = typeDefinition(type)?.elements.has('contained') === true && inner.length > 0;
  if (type === 'Bundle') hold(made, inner);
  return { resourceType: type, ...made, id: uuid(growth.counter++), ...(holds ? { contained: inner } : {}) };
}

/** Mulberry32: a small deterministic generator, so that a failing seed can be run again. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function instance(type: string, seed: number, chance = 0.5, depth = 3): Instance {
  const growth: Growth = { random: seeded(seed), map: segmentMap, depth, chance, plants: [], counter: 0 };
  const resource = grow(type, growth, seed % 3 === 0 ? ['Patient', 'Organization'] : []);
  const text = JSON.stringify(resource);
  return { resource, plants: growth.plants.filter((plant) => text.includes(quoted(plant))) };
}

/** A plant's value as it stands inside JSON text. */
export const quoted = (plant: Plant): string => JSON.stringify(plant.value).slice(1, -1);

/** Random instances of one type. */
export const instances = (type: string): fc.Arbitrary<Instance> =>
  fc.integer({ min: 0, max: 0x7fffffff }).map((seed) => instance(type, seed, 0.15 + (seed % 7) / 10, 1 + (seed % 3)));

export const types: readonly string[] = resourceTypes;
