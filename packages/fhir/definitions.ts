import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One element of a type, as R4 defines it. */
export interface ElementDefinition {
  /** The name without the choice suffix: `value` for `valueQuantity`. */
  readonly name: string;
  /** Datatype names, or a backbone type's key such as `Patient.contact`, or `Resource` for a whole resource inside. */
  readonly types: readonly string[];
  readonly choice: boolean;
  readonly list: boolean;
  readonly min: number;
  /** `Number.MAX_SAFE_INTEGER` where the definition says `*`. */
  readonly max: number;
  /** Resource types that a Reference (or a canonical) may lead to; absent: any. */
  readonly targets?: readonly string[];
  /** Key of the code list that a required binding names, see `codeList`. */
  readonly binding?: string;
}

export interface TypeDefinition {
  readonly name: string;
  readonly kind: 'resource' | 'complex' | 'primitive';
  /** By JSON property; a choice element stands once per type, `valueQuantity`, with `types` of length 1. */
  readonly elements: ReadonlyMap<string, ElementDefinition>;
}

/** system → codes. */
export type CodeList = Readonly<Record<string, readonly string[]>>;

export interface SearchParameter {
  readonly code: string;
  readonly type: 'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special';
  /** FHIRPath over every base at once (`A.x | B.y`); absent for `_text`, `_content`. */
  readonly expression?: string;
  readonly base: readonly string[];
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

/** A condition that R4 states for a type or for one element of it. */
export interface Constraint {
  /** `obs-6`: names it in R4, but for `inv-1`, which three types use for three conditions. */
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** R4's own words. */
  readonly human: string;
  /** FHIRPath, to be evaluated at the type or the element. */
  readonly expression: string;
  /** Where it is stated: `Quantity` for qty-3, also when it is met at an Age. */
  readonly path: string;
}

type ConstraintRow = readonly [key: string, error: 0 | 1, human: string, expression: string];
type ElementRow = readonly [string, string, number, number, string?, string?];
interface TypeRow {
  readonly kind: TypeDefinition['kind'];
  readonly base?: string;
  readonly abstract?: true;
  readonly elements: readonly ElementRow[];
}
interface DefinitionsFile {
  readonly types: Record<string, TypeRow>;
  readonly codes: Record<string, CodeList>;
  readonly constraints: Record<string, readonly ConstraintRow[]>;
  readonly search: Record<string, SearchParameter>;
  readonly identifier: Record<string, readonly string[]>;
  readonly compartment: Record<string, { readonly params: readonly string[]; readonly paths: readonly string[] }>;
}

const file: DefinitionsFile = JSON.parse(readFileSync(join(import.meta.dirname, 'definitions/r4.json'), 'utf8'));
const rows = new Map(Object.entries(file.types));
const codes = new Map(Object.entries(file.codes));
const cache = new Map<string, TypeDefinition>();

/** The concrete resource types of R4, sorted. */
export const resourceTypes: readonly string[] = [...rows]
  .filter(([, row]) => row.kind === 'resource' && !row.abstract)
  .map(([name]) => name);

const numbers = new Map(resourceTypes.map((type, index) => [type, index + 1]));

export const isResourceType = (name: string): boolean => numbers.has(name);

/** A stable small number for a resource type: R4 is frozen, so its place in the sorted list never changes. */
export function typeNumber(type: string): number {
  const number = numbers.get(type);
  if (number === undefined) throw new RangeError('not a FHIR R4 resource type');
  return number;
}

export function typeName(number: number): string {
  const name = resourceTypes[number - 1];
  if (name === undefined) throw new RangeError('not the number of a FHIR R4 resource type');
  return name;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function* elementsOf([name, types, min, max, targets, binding]: ElementRow): Generator<[string, ElementDefinition]> {
  const choice = name.endsWith('[x]');
  const common = {
    name: choice ? name.slice(0, -3) : name,
    choice,
    list: max !== 1,
    min,
    max: max === -1 ? Number.MAX_SAFE_INTEGER : max,
    ...(targets ? { targets: targets.split('|') } : {}),
    ...(binding ? { binding } : {}),
  };
  const all = types.split('|');
  if (!choice) yield [name, { ...common, types: all }];
  else for (const type of all) yield [common.name + capital(type), { ...common, types: [type] }];
}

function build(name: string, row: TypeRow): TypeDefinition {
  const inherited = row.base ? [...(typeDefinition(row.base)?.elements ?? [])] : [];
  const own = row.elements.filter((element) => element[3] !== 0).flatMap((element) => [...elementsOf(element)]);
  return { name, kind: row.kind, elements: new Map([...inherited, ...own]) };
}

/** The definition of a resource type, datatype, primitive, or backbone key (`Patient.contact`); built at first use. */
export function typeDefinition(name: string): TypeDefinition | undefined {
  const known = cache.get(name);
  const row = rows.get(name);
  if (known || !row) return known;
  const made = build(name, row);
  cache.set(name, made);
  return made;
}

const constraintRows = new Map(Object.entries(file.constraints));

/**
 * The constraints stated at a path: a type's key, with those of what it is derived from, or one element of it
 * (`Organization.telecom`, `RiskAssessment.prediction.probability[x]`).
 */
export function constraintsAt(path: string): Constraint[] {
  const base = rows.get(path)?.base;
  const own = (constraintRows.get(path) ?? []).map(
    ([key, error, human, expression]): Constraint => ({
      key,
      severity: error ? 'error' : 'warning',
      human,
      expression,
      path,
    }),
  );
  return base === undefined ? own : [...constraintsAt(base), ...own];
}

/** Every path at which R4 states a constraint. */
export const constraintPaths = (): readonly string[] => [...constraintRows.keys()];

/** The type that a type is derived from: `DomainResource` for `Patient`, `BackboneElement` for `Patient.contact`. */
export const baseType = (name: string): string | undefined => rows.get(name)?.base;

/** The codes of a required binding, by the key that `ElementDefinition.binding` gives. */
export const codeList = (key: string): CodeList | undefined => codes.get(key);

const own = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** JSON paths below the resource of the elements that its `identifier` search parameter reads. */
export const identifierPaths = (type: string): readonly string[] => own(file.identifier, type) ?? [];

/** R4's patient compartment for one type: its search parameters, and the JSON paths of their references. */
export const patientCompartment = (
  type: string,
): { readonly params: readonly string[]; readonly paths: readonly string[] } | undefined => own(file.compartment, type);

/** The search parameters that R4 defines for a type, those of every resource (`_id` …) included. */
export const searchParameters = (type: string): readonly SearchParameter[] =>
  Object.values(file.search).filter(
    ({ base }) => base.includes(type) || base.includes('Resource') || base.includes('DomainResource'),
  );

let parameterUrls: ReadonlyMap<string, string> | undefined;

/** The canonical URL under which R4 defines a type's search parameter; undefined: R4 has none with this code. */
export function searchParameterUrl(type: string, code: string): string | undefined {
  parameterUrls ??= new Map(
    Object.entries(file.search).flatMap(([id, { base, code: its }]) =>
      base.map((one) => [`${one}.${its}`, `http://hl7.org/fhir/SearchParameter/${id}`] as const),
    ),
  );
  for (const base of [type, 'DomainResource', 'Resource']) {
    const url = parameterUrls.get(`${base}.${code}`);
    if (url !== undefined) return url;
  }
  return undefined;
}
