import { bundle, type ElementSource, type StructureSource } from './source.ts';

/** One element as it stands in the file: name, datatypes joined by `|`, min, max (-1 is `*`), targets, code list. */
export type ElementRow = [name: string, types: string, min: number, max: number, targets?: string, binding?: string];
export interface TypeRow {
  readonly kind: 'resource' | 'complex' | 'primitive';
  readonly base?: string;
  readonly abstract?: true;
  readonly elements: ElementRow[];
}

const lastWord = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** What HL7's files write as FHIRPath system types, in FHIR's own names (json.html, element `id`, `Extension.url`). */
function systemType(path: string): string {
  if (path === 'Resource.id') return 'id';
  return path === 'Extension.url' ? 'uri' : 'string';
}

function datatype(element: ElementSource, code: string, backbones: ReadonlySet<string>): string {
  if (code.startsWith('http://hl7.org/fhirpath/')) return systemType(element.path);
  return backbones.has(element.path) ? element.path : code;
}

function targets(element: ElementSource): string {
  const all = (element.type ?? []).flatMap((type) => type.targetProfile ?? []).map(lastWord);
  return all.includes('Resource') ? '' : [...new Set(all)].sort().join('|');
}

function row(element: ElementSource, backbones: ReadonlySet<string>, codes: ReadonlySet<string>): ElementRow {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1);
  const types = element.contentReference
    ? [element.contentReference.slice(element.contentReference.indexOf('#') + 1)]
    : (element.type ?? []).map((type) => datatype(element, type.code, backbones));
  const max = element.max === '*' ? -1 : Number(element.max);
  const list = element.binding?.strength === 'required' ? codeListKey(element.binding.valueSet) : '';
  const tail = [targets(element), codes.has(list) ? list : ''];
  while (tail.at(-1) === '') tail.pop();
  return [name, [...new Set(types)].join('|'), element.min, max, ...tail] as ElementRow;
}

/** Key of a value set's code list: the last word of its canonical URL. */
export const codeListKey = (valueSet: string | undefined): string => lastWord((valueSet ?? '').split('|')[0] ?? '');

/**
 * HL7's own R4 types. Read from the differentials: the snapshots of the source package carry additions of its maker
 * (`Meta.project`, elements of R5), the differentials do not, but for types of its own, which are left out.
 */
export function structures(): StructureSource[] {
  return ['profiles-types.json', 'profiles-resources.json']
    .flatMap((file) => bundle(file, 'StructureDefinition'))
    .filter((one) => one.derivation !== 'constraint' && one.kind !== 'logical' && one.fhirVersion === '4.0.1');
}

/** The one element that the source package adds to a differential too (it is R5's). */
const added = (path: string): boolean => path === 'ResearchStudy.studyDesign';

function* rowsOf(structure: StructureSource, codes: ReadonlySet<string>): Generator<[string, TypeRow]> {
  const elements = structure.differential.element.filter((element) => !added(element.path));
  const backbones = new Map(
    elements
      .filter((one) => one.path.includes('.') && /^(BackboneElement|Element)$/.test(one.type?.[0]?.code ?? ''))
      .map((one) => [one.path, one.type?.[0]?.code ?? 'BackboneElement']),
  );
  const names = new Set(backbones.keys());
  const children = (path: string): ElementRow[] =>
    elements
      .filter((one) => one.path.startsWith(`${path}.`) && !one.path.slice(path.length + 1).includes('.'))
      .map((one) => row(one, names, codes));
  const base = structure.baseDefinition ? { base: lastWord(structure.baseDefinition) } : {};
  if (structure.kind === 'primitive-type') {
    yield [structure.name, { kind: 'primitive', base: 'Element', elements: [] }];
    return;
  }
  const kind = structure.kind === 'resource' ? 'resource' : 'complex';
  const abstract = structure.abstract ? { abstract: true as const } : {};
  yield [structure.name, { kind, ...base, ...abstract, elements: children(structure.name) }];
  for (const [path, code] of backbones) yield [path, { kind: 'complex', base: code, elements: children(path) }];
}

/** Every type by its key: resources, datatypes, primitives, and backbones such as `Patient.contact`. */
export const typeRows = (codes: ReadonlySet<string>): [string, TypeRow][] =>
  structures().flatMap((structure) => [...rowsOf(structure, codes)]);

/** The value sets that a required binding names. */
export const requiredValueSets = (): string[] => [
  ...new Set(
    structures()
      .flatMap((structure) => structure.differential.element)
      .filter((element) => element.binding?.strength === 'required' && !added(element.path))
      .map((element) => (element.binding?.valueSet ?? '').split('|')[0] ?? ''),
  ),
];
