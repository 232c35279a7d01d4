import { bundle, byText, compartment, type SearchParameterSource, sorted } from './source.ts';
import type { ElementRow, TypeRow } from './types.ts';

/** code, type, expression, bases, targets, components (`definition url|expression`). */
export interface SearchRow {
  readonly code: string;
  readonly type: string;
  readonly base: readonly string[];
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

export const searchSources = (): SearchParameterSource[] =>
  bundle('search-parameters.json', 'SearchParameter')
    .filter((one) => one.version === '4.0.1' && one.url.startsWith('http://hl7.org/fhir/SearchParameter/'))
    .sort((a, b) => byText(a.url, b.url));

export const searchRow = (one: SearchParameterSource): [string, SearchRow] => [
  one.url.slice(one.url.lastIndexOf('/') + 1),
  {
    code: one.code,
    type: one.type,
    base: [...one.base].sort(byText),
    ...(one.expression ? { expression: one.expression } : {}),
    ...(one.target ? { target: [...one.target].sort(byText) } : {}),
    ...(one.component
      ? { component: one.component.map(({ definition, expression }) => ({ definition, expression })) }
      : {}),
  },
];

/** JSON paths below the resource of the alternatives that a simple expression has for `type`. */
function pathsOf(expression: string, type: string): string[] {
  return expression
    .split('|')
    .map((part) => part.replace(/\.where\(.*\)\s*$/, '').replace(/^\s*\(?|\)?\s*$/g, ''))
    .filter((part) => part.startsWith(`${type}.`))
    .map((part) => part.slice(type.length + 1));
}

function property(types: ReadonlyMap<string, TypeRow>, type: string, name: string): ElementRow | undefined {
  const own = types.get(type);
  const found = own?.elements.find((row) => row[0] === name || row[0] === `${name}[x]`);
  return found ?? (own?.base ? property(types, own.base, name) : undefined);
}

/** The path with choices spelled as JSON spells them; refused unless it ends in `wanted`. */
function jsonPath(types: ReadonlyMap<string, TypeRow>, type: string, path: string, wanted: string): string {
  let at = type;
  const words = path.split('.').map((word) => {
    const row = property(types, at, word);
    if (!row) throw new Error(`${type}.${path}: ${word} is no element of ${at}`);
    at = row[1].split('|').includes(wanted) ? wanted : row[1];
    return row[0].endsWith('[x]') ? word + wanted : word;
  });
  if (at !== wanted) throw new Error(`${type}.${path} is no ${wanted}`);
  return words.join('.');
}

const finder = (sources: readonly SearchParameterSource[]) => (type: string, code: string) =>
  sources.find((one) => one.code === code && one.base.includes(type));

/** type → the `identifier` parameter's paths. */
export function identifierPaths(types: ReadonlyMap<string, TypeRow>): Record<string, string[]> {
  const find = finder(searchSources());
  const names = [...types].filter(([, row]) => row.kind === 'resource' && !row.abstract).map(([name]) => name);
  return sorted(
    names.flatMap((type) => {
      const expression = find(type, 'identifier')?.expression;
      if (!expression) return [];
      return [[type, pathsOf(expression, type).map((path) => jsonPath(types, type, path, 'Identifier'))] as const];
    }),
  );
}

/**
 * Where the source package departs from R4's compartmentdefinition-patient: it adds Task, as R5 does, and names another
 * parameter for Encounter that reads the same element.
 */
const corrected: ReadonlyMap<string, readonly string[]> = new Map([
  ['Task', []],
  ['Encounter', ['patient']],
]);

/** type → the search parameters that place a resource in a patient's compartment, and their reference elements. */
export function patientCompartment(
  types: ReadonlyMap<string, TypeRow>,
): Record<string, { params: string[]; paths: string[] }> {
  const find = finder(searchSources());
  return sorted(
    compartment().resource.flatMap(({ code: type, param: given }) => {
      const param = corrected.get(type) ?? given ?? [];
      if (param.length === 0) return [];
      const paths = param.flatMap((code) =>
        pathsOf(find(type, code)?.expression ?? '', type).map((path) => jsonPath(types, type, path, 'Reference')),
      );
      if (paths.length === 0) throw new Error(`${type}: the patient compartment leads nowhere`);
      return [[type, { params: [...param], paths: [...new Set(paths)] }] as const];
    }),
  );
}
