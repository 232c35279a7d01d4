import { codeList, type ElementDefinition, typeDefinition } from '../definitions.ts';

type Any = Record<string, unknown>;

/** Numbers below 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const systems = [
  'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
  'http://terminology.hl7.org/CodeSystem/condition-ver-status',
  'http://terminology.hl7.org/CodeSystem/condition-clinical',
  'http://unitsofmeasure.org',
  'http://loinc.org',
];
const codes = ['entered-in-error', 'resolved', 'active', 'inactive', 'mg', 'C', 'exists', 'display', 'home'];
const simple: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  integer: [0, 1, -2],
  positiveInt: [1, 2],
  unsignedInt: [0, 3],
  decimal: [-1, 0, 2.5],
  date: ['2020', '2020-01-02'],
  dateTime: ['2020', '2021-01-02T00:00:00Z'],
  instant: ['2020-01-02T00:00:00Z'],
  time: ['10:00:00'],
};

export type Pick = <T>(list: readonly T[]) => T;

function primitive(type: string, { binding }: ElementDefinition, pick: Pick): unknown {
  const bound = binding === undefined ? [] : Object.values(codeList(binding) ?? {}).flat();
  if (type === 'code' && bound.length > 0) return pick(bound.slice(0, 60));
  return pick(simple[type] ?? ['a', 'b', 'home', 'http://unitsofmeasure.org', ...codes]);
}

const aside = new Set(['id', 'extension', 'modifierExtension', 'contained', 'meta', 'text', 'language']);

/** The elements that chance puts there; of a choice one type, or none. */
function drawn(type: string, random: () => number, pick: Pick): [string, ElementDefinition][] {
  const share = 0.2 + random() * 0.5;
  const all = [...(typeDefinition(type)?.elements ?? [])].filter(([key]) => !aside.has(key));
  const groups = [...Map.groupBy(all, ([, { name, choice }]) => `${name}${choice}`).values()];
  return groups.filter(() => random() < share).map((group) => pick(group));
}

/** Something of a type that is sound in its structure, mostly: what is there and what it says is left to chance. */
export function randomObject(type: string, random: () => number, depth = 2): Any {
  const pick: Pick = (list) => list[Math.floor(random() * list.length)] as (typeof list)[number];
  if (type === 'Coding') return { system: pick(systems), code: pick(codes) };
  if (type === 'CodeableConcept') return { coding: [randomObject('Coding', random), randomObject('Coding', random)] };
  const made: Any = {};
  for (const [key, element] of drawn(type, random, pick)) {
    const own = element.types[0] ?? '';
    const isPrimitive = typeDefinition(own)?.kind === 'primitive';
    if (!isPrimitive && depth === 0) continue;
    const one = (): unknown => (isPrimitive ? primitive(own, element, pick) : randomObject(own, random, depth - 1));
    made[key] = element.list ? Array.from({ length: 1 + Math.floor(random() * 2) }, one) : one();
  }
  return made;
}
