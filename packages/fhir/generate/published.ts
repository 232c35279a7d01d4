/**
 * HL7's published R4 conformance resources, as they are served: type and search definitions, operations, value sets and
 * code systems of the specification itself. Without narrative, which makes half of them and tells nothing new.
 */

import { searchSources } from './search.ts';
import { bundle, byText, type ElementSource, type StructureSource } from './source.ts';

export interface Published {
  readonly resourceType: string;
  readonly id: string;
  readonly url: string;
  /** Some of HL7's terminology has none. */
  readonly version?: string;
  readonly name?: string;
}

interface Full extends StructureSource {
  readonly id: string;
  readonly url: string;
  readonly type: string;
  readonly snapshot?: { readonly element: readonly ElementSource[] };
}

const r4 = '4.0.1';
const structureFiles = [
  'profiles-types.json',
  'profiles-resources.json',
  'profiles-others.json',
  'extension-definitions.json',
];
const terminologyFiles = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];

const all = structureFiles.flatMap((file) => bundle(file, 'StructureDefinition')) as unknown as Full[];
/** R4's own; not what the source package's maker or a later release added. */
const known = all.filter(
  (one) => one.fhirVersion === r4 && one.kind !== 'logical' && one.url.startsWith('http://hl7.org/fhir/'),
);
const specializations = new Map(
  known.filter((one) => one.derivation !== 'constraint').map((one) => [one.type, one] as const),
);

/** V2 tables and V3 code systems stand under this, in versions of their own. */
const hl7_terminology = 'http://terminology.hl7.org/';

/** The one element that the source package adds to a differential too (it is R5's). */
const added = new Set(['ResearchStudy.studyDesign']);
const lastWord = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** `contact.name` of `Patient.contact.name`. */
const below = (path: string): string => path.slice(path.indexOf('.') + 1);
const above = (path: string): string => path.slice(0, path.lastIndexOf('.'));

/** Names below a type's root, as the differentials of it and of what it is derived from have them. */
function pathsOf(type: string): Set<string> {
  const one = specializations.get(type);
  if (one === undefined) return new Set();
  const own = one.differential.element.map(({ path }) => path).filter((path) => path.includes('.') && !added.has(path));
  const inherited = one.baseDefinition ? pathsOf(lastWord(one.baseDefinition)) : [];
  return new Set([...own.map(below), ...inherited]);
}

const ofElements = new Set(['id', 'extension', 'modifierExtension']);

/** The snapshot without what is not R4's, and each element as the differential, which is exact, states it. */
function corrected(one: Full): object {
  const { snapshot, differential } = one;
  const elements = differential.element.filter(({ path }) => !added.has(path));
  if (snapshot === undefined || one.derivation === 'constraint') return one;
  const paths = pathsOf(one.type);
  const stated = new Map(elements.map((element) => [element.path, element]));
  const kept = snapshot.element.filter(({ path }) => {
    const name = below(path);
    const inside = ofElements.has(path.slice(path.lastIndexOf('.') + 1)) && paths.has(above(name));
    return !path.includes('.') || paths.has(name) || inside;
  });
  const element = kept.map((found) => ({ ...found, ...stated.get(found.path) }));
  return { ...one, snapshot: { ...snapshot, element }, differential: { ...differential, element: elements } };
}

const bare = (resource: object): Published => {
  const { text: _narrative, ...rest } = resource as Published & { text?: unknown };
  return rest;
};

const terminology = (type: 'ValueSet' | 'CodeSystem'): object[] =>
  terminologyFiles.flatMap((file) => bundle(file, type));

/** R4's own, and HL7's terminology in versions of its own. Tables whose url is no canonical are left out. */
const isKept = (one: Published): boolean =>
  (one.version === r4 || one.url.startsWith(hl7_terminology)) &&
  !one.url.includes('|') &&
  /^[A-Za-z0-9\-.]{1,64}$/.test(one.id);

/** All that is published, by type and id; of two under one url the later. */
export function published(): Published[] {
  const all = [
    ...known.map(corrected),
    ...searchSources(),
    ...(bundle('profiles-resources.json', 'OperationDefinition' as 'StructureDefinition') as object[]),
    ...terminology('ValueSet'),
    ...terminology('CodeSystem'),
  ];
  const kept = all.map(bare).filter(isKept);
  kept.sort((a, b) => byText(a.resourceType, b.resourceType) || byText(a.id, b.id));
  return [...new Map(kept.map((one) => [one.url, one])).values()];
}
