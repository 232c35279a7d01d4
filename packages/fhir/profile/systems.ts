import type { JsonObject } from '@safeguard/kernel';
import { isRawNumber, numberText } from '../numbers.ts';
import { choiceAt, objectsAt, textAt } from './definition.ts';

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly parents: readonly string[];
  readonly properties: ReadonlyMap<string, readonly string[]>;
  /** False for one that only groups others (`notSelectable`). */
  readonly selectable: boolean;
}

/** A code system that is held whole, or in part. */
export interface System {
  readonly url: string;
  /** Every code is here; else what is not here may be a code all the same. */
  readonly complete: boolean;
  readonly concepts: ReadonlyMap<string, Concept>;
  /** The codes directly below a code. */
  readonly children: ReadonlyMap<string, readonly string[]>;
}

const propertyText = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && !isRawNumber(value))
    return textAt(value as JsonObject, 'code') ?? '';
  return numberText(value) ?? String(value);
};

function propertiesOf(source: JsonObject): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const one of objectsAt(source, 'property')) {
    const code = textAt(one, 'code') ?? '';
    found.set(code, [...(found.get(code) ?? []), propertyText(choiceAt(one, 'value'))]);
  }
  return found;
}

/** Hierarchies are nested, or stated by these properties (codesystem.html, R4's defined properties). */
const upward = ['subsumedBy', 'parent'];

function conceptOf(source: JsonObject, parent: string | undefined): Concept | undefined {
  const code = textAt(source, 'code');
  if (code === undefined) return undefined;
  const display = textAt(source, 'display');
  const properties = propertiesOf(source);
  const stated = upward.flatMap((name) => properties.get(name) ?? []);
  return {
    code,
    ...(display === undefined ? {} : { display }),
    parents: [...new Set([...(parent === undefined ? [] : [parent]), ...stated])],
    properties,
    selectable: !(properties.get('notSelectable')?.includes('true') ?? false),
  };
}

/** Reads a CodeSystem; nesting is walked with a stack of our own, so that no depth can exhaust the engine's. */
export function readSystem(source: JsonObject): System {
  const concepts = new Map<string, Concept>();
  const children = new Map<string, string[]>();
  const todo = objectsAt(source, 'concept').map((one) => ({ source: one, parent: undefined as string | undefined }));
  todo.reverse();
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const concept = conceptOf(next.source, next.parent);
    if (concept === undefined) continue;
    if (!concepts.has(concept.code)) concepts.set(concept.code, concept);
    for (const parent of concept.parents) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [concept.code]);
      else siblings.push(concept.code);
    }
    for (const child of objectsAt(next.source, 'concept').reverse()) todo.push({ source: child, parent: concept.code });
  }
  return { url: textAt(source, 'url') ?? '', complete: textAt(source, 'content') === 'complete', concepts, children };
}

function reach(start: string, next: (code: string) => readonly string[]): Set<string> {
  const found = new Set<string>();
  const todo = [...next(start)];
  for (let code = todo.pop(); code !== undefined; code = todo.pop()) {
    if (found.has(code)) continue;
    found.add(code);
    todo.push(...next(code));
  }
  return found;
}

/** The codes below a code, at any depth, without itself. */
export const descendants = (system: System, code: string): Set<string> =>
  reach(code, (one) => system.children.get(one) ?? []);

/** The codes above a code. */
export const ancestors = (system: System, code: string): Set<string> =>
  reach(code, (one) => system.concepts.get(one)?.parents ?? []);

/**
 * The codes that a filter of a value set admits (valueset-filter-operator); undefined where it is none that is known
 * here, or the system is not held whole.
 */
export function filtered(system: System | undefined, filter: JsonObject): Set<string> | undefined {
  if (!system?.complete) return undefined;
  const [property, op, value] = [textAt(filter, 'property'), textAt(filter, 'op'), textAt(filter, 'value')];
  if (property === undefined || value === undefined) return undefined;
  const all = [...system.concepts.values()];
  const valuesOf = ({ code, properties }: Concept): readonly string[] =>
    property === 'code' || property === 'concept' ? [code] : (properties.get(property) ?? []);
  const where = (test: (concept: Concept) => boolean): Set<string> => new Set(all.filter(test).map((one) => one.code));
  const listed = new Set(value.split(',').map((one) => one.trim()));
  if (op === 'is-a') return new Set([value, ...descendants(system, value)]);
  if (op === 'descendent-of') return descendants(system, value);
  if (op === 'generalizes') return new Set([value, ...ancestors(system, value)]);
  if (op === 'is-not-a') {
    const below = descendants(system, value);
    return where(({ code }) => code !== value && !below.has(code));
  }
  if (op === '=') return where((one) => valuesOf(one).includes(value));
  if (op === 'in') return where((one) => valuesOf(one).some((found) => listed.has(found)));
  if (op === 'not-in') return where((one) => !valuesOf(one).some((found) => listed.has(found)));
  if (op === 'exists') return where((one) => valuesOf(one).length > 0 === (value === 'true'));
  return undefined;
}
