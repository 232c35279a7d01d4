import { codeList, type ElementDefinition, resourceTypes, typeDefinition } from '../index.ts';

/** Resources of any type with every element filled at random, for properties. `pick(n)` gives 0 … n-1. */
export type Pick = (below: number) => number;
type Resource = Record<string, unknown>;

/** A small generator with a seed (mulberry32), so that a failure can be had again. */
export function picker(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const of = <T>(all: readonly T[], pick: Pick): T => all[pick(all.length)] as T;

const samples: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  integer: [0, 1, 7, -3],
  positiveInt: [1, 7],
  unsignedInt: [0, 7],
  decimal: [0, 1.5, -2, 100],
  date: ['2020', '2020-02', '2020-02-29'],
  dateTime: ['2021', '2020-02', '2020-02-29', '2020-02-29T10:00:00Z', '2020-02-29T10:00:00.5-05:00'],
  instant: ['2020-02-29T10:00:00Z', '2020-02-29T10:00:00.123+01:00'],
  time: ['10:00:00'],
  uri: ['http://example.org/a', 'http://example.org/a/b', 'urn:oid:1.2.3'],
  url: ['http://example.org/a'],
  canonical: ['http://example.org/a|1', 'http://example.org/a', 'Questionnaire/q1'],
  id: ['a', 'b'],
  code: ['active', 'final', 'x'],
};
const words = ['Åsa', 'peter', 'Petersen', 'O’Neil', 'van  der', 'A,B', 'a|b', 'mg'];

function primitive(type: string, definition: ElementDefinition, pick: Pick): unknown {
  const list = definition.binding === undefined ? undefined : codeList(definition.binding);
  const codes = type === 'code' && list ? Object.values(list).flat() : [];
  return codes.length > 0 ? of(codes, pick) : of(samples[type] ?? words, pick);
}

function reference(definition: ElementDefinition, pick: Pick): Resource {
  const type = of(definition.targets ?? ['Patient', 'Practitioner', 'Device'], pick);
  const known = resourceTypes.includes(type) ? type : 'Patient';
  const forms = [`${known}/a`, `${known}/b/_history/1`, `https://example.org/fhir/${known}/a`, 'urn:oid:1.2', '#c'];
  if (pick(6) === 0) return { identifier: { system: 'http://example.org/a', value: 'a' }, display: of(words, pick) };
  return { reference: of(forms, pick) };
}

const depth_limit = 4;

function value(definition: ElementDefinition, pick: Pick, depth: number): unknown {
  const [type = ''] = definition.types;
  if (typeDefinition(type)?.kind === 'primitive') return primitive(type, definition, pick);
  if (type === 'Reference') return reference(definition, pick);
  if (type === 'Resource') return { resourceType: 'Device', id: 'c' };
  return depth > depth_limit ? undefined : fill(type, pick, depth + 1);
}

const skipped = new Set(['extension', 'modifierExtension', 'text', 'contained', 'implicitRules', 'language']);

function fill(type: string, pick: Pick, depth: number): Resource {
  const made: Resource = {};
  const chosen = new Set<string>();
  const elements = [...(typeDefinition(type)?.elements ?? [])];
  for (const [property, definition] of elements) {
    if (skipped.has(property) || (pick(10) === 0 && depth > 0)) continue;
    const choices = elements.filter(([, other]) => other.name === definition.name);
    if (chosen.has(definition.name)) continue;
    const [name, one] = definition.choice ? of(choices, pick) : [property, definition];
    chosen.add(definition.name);
    const all = Array.from({ length: definition.list ? 1 + pick(2) : 1 }, () => value(one, pick, depth));
    if (all[0] !== undefined && all.every((item) => item !== undefined)) made[name] = definition.list ? all : all[0];
  }
  return made;
}

/** A resource of a type: the structure of R4, not its rules. */
export const randomResource = (type: string, pick: Pick): Resource => ({
  resourceType: type,
  ...fill(type, pick, 0),
  id: of(['a', 'b', 'c'], pick),
  contained: [{ resourceType: 'Patient', id: 'c' }],
});
