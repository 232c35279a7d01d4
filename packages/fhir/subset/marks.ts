import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TypeDefinition, typeDefinition } from '../definitions.ts';

const file = join(import.meta.dirname, '../definitions/summary.json');
const marked = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, readonly string[]>));

/** What every resource and backbone passes on to its summary: an element that changes what the others mean. */
const always = ['modifierExtension', 'implicitRules'];
const bases = ['Resource', 'DomainResource'];

/** JSON properties of a type that R4 demands, all types of a choice among them. */
function demanded(type: TypeDefinition): string[] {
  return [...type.elements].filter(([, definition]) => definition.min > 0).map(([key]) => key);
}

/** JSON properties whose element has one of the names (a choice has its name without the type). */
function named({ elements }: TypeDefinition, names: ReadonlySet<string>): string[] {
  return [...elements].filter(([key, { name }]) => names.has(name) || names.has(key)).map(([key]) => key);
}

const summaries = new Map<string, ReadonlySet<string> | undefined>();

function makeSummary(name: string): ReadonlySet<string> | undefined {
  const own = marked.get(name);
  const type = typeDefinition(name);
  if (own === undefined || type === undefined) return undefined;
  const inherited = type.kind === 'resource' ? bases.flatMap((base) => marked.get(base) ?? []) : [];
  return new Set([...named(type, new Set([...own, ...inherited, ...always])), ...demanded(type)]);
}

/**
 * JSON properties of a type that stand in its summary: those that R4 marks, and those that it demands. Undefined for a
 * type of which R4 marks none (Extension, Narrative …): it is shown whole or not at all.
 */
export function summaryOf(name: string): ReadonlySet<string> | undefined {
  if (!summaries.has(name)) summaries.set(name, makeSummary(name));
  return summaries.get(name);
}

/** JSON properties of a resource type that stay, whatever else is asked for: identity, demanded, meaning. */
export function keptOf(type: TypeDefinition, names: Iterable<string>): ReadonlySet<string> {
  return new Set([...named(type, new Set(['id', 'meta', ...always, ...names])), ...demanded(type)]);
}
