import { currencies } from './currencies.ts';
import { bundle, byText, type CodeSystemSource, type ConceptSource, type IncludeSource, sorted } from './source.ts';
import { codeListKey, requiredValueSets } from './types.ts';

/** system → its codes. */
export type CodeList = Record<string, string[]>;

const files = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];
const systems = new Map(files.flatMap((file) => bundle(file, 'CodeSystem')).map((one) => [one.url, one]));
const valueSets = new Map(files.flatMap((file) => bundle(file, 'ValueSet')).map((one) => [one.url, one]));

const selectable = (concept: ConceptSource): boolean =>
  !concept.property?.some((one) => one.code === 'notSelectable' && one.valueBoolean === true);

const flatten = (concepts: readonly ConceptSource[] = []): string[] =>
  concepts.flatMap((one) => [...(selectable(one) ? [one.code] : []), ...flatten(one.concept)]);

/** Names of the source package's own resources, which it adds to the lists of resource types. */
const foreign = (system: CodeSystemSource, code: string, known: ReadonlySet<string>): boolean =>
  system.url.endsWith('/resource-types') && !known.has(code);

function codesOf(include: IncludeSource, known: ReadonlySet<string>): string[] | undefined {
  if (include.filter) return undefined;
  if (include.system === 'urn:iso:std:iso:4217') return [...currencies];
  if (include.concept) return include.concept.map((one) => one.code);
  const system = systems.get(include.system ?? '');
  if (system?.content !== 'complete') return undefined;
  return flatten(system.concept).filter((code) => !foreign(system, code, known));
}

function collect(url: string, known: ReadonlySet<string>, into: Map<string, Set<string>>): boolean {
  const compose = valueSets.get(url)?.compose;
  if (!compose || compose.exclude) return false;
  for (const include of compose.include) {
    const nested = include.valueSet ?? [];
    if (!nested.every((one) => collect(one.split('|')[0] ?? '', known, into))) return false;
    if (!include.system) continue;
    const codes = codesOf(include, known);
    if (!codes) return false;
    into.set(include.system, new Set([...(into.get(include.system) ?? []), ...codes]));
  }
  return true;
}

/**
 * The code lists of all required bindings that can be counted out. Left out, and named in `open`: those over a grammar
 * (media types, UCUM) or a terminology that the definitions do not carry.
 */
export function codeLists(known: ReadonlySet<string>): { lists: Record<string, CodeList>; open: string[] } {
  const lists: [string, CodeList][] = [];
  const open: string[] = [];
  for (const url of requiredValueSets()) {
    const found = new Map<string, Set<string>>();
    if (!collect(url, known, found)) open.push(url);
    else lists.push([codeListKey(url), sorted([...found].map(([system, codes]) => [system, [...codes].sort(byText)]))]);
  }
  return { lists: sorted(lists), open: open.sort(byText) };
}
