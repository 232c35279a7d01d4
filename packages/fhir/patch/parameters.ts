import { type Fault, fault, type JsonObject } from '@safeguard/kernel';
import { numberValue } from '../numbers.ts';
import { isObject, ownValue } from '../object.ts';

/** Longest path that is read. */
export const path_limit = 2000;
/** Most operations of one patch. */
export const operation_limit = 1000;

export type Verb = 'add' | 'insert' | 'delete' | 'replace' | 'move';

const verbs: readonly string[] = ['add', 'insert', 'delete', 'replace', 'move'] satisfies readonly Verb[];

/** One operation of a FHIRPath Patch (R4 fhirpatch.html), its parts read but for the value. */
export interface PathOperation {
  readonly verb: Verb;
  readonly path: string;
  readonly name: string;
  /** The part that holds the value. */
  readonly value: JsonObject;
  readonly index: number;
  readonly source: number;
  readonly destination: number;
  /** Which one it is, for a Fault; counted from 0. */
  readonly number: number;
}

const needs: Readonly<Record<Verb, readonly string[]>> = {
  add: ['name', 'value'],
  insert: ['value', 'index'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

/** The patch itself is wrong: 400. */
export const malformed = (number: number, what: string): Fault => {
  const text = `Operation ${number} of the patch: ${what}`;
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'structure', text }] });
};

const isPart = (value: unknown): value is JsonObject => isObject(value);

/** The parts of a parameter, each with a name. */
export function partsOf(parameter: JsonObject, property: 'parameter' | 'part', number: number): JsonObject[] {
  const parts = ownValue(parameter, property) ?? [];
  if (!Array.isArray(parts) || !parts.every(isPart)) throw malformed(number, 'expected a list of parameters.');
  if (parts.some((part) => typeof ownValue(part, 'name') !== 'string')) {
    throw malformed(number, 'expected a name in every part.');
  }
  return parts;
}

function textOf(part: JsonObject | undefined, property: string): string | undefined {
  const value = part && ownValue(part, property);
  return typeof value === 'string' ? value : undefined;
}

/** A whole number from 0, of which JSON says nothing else. */
function indexOf(part: JsonObject | undefined, name: string, number: number): number {
  if (part === undefined) return -1;
  const value = numberValue(ownValue(part, 'valueInteger'));
  if (value === undefined || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(number, `expected ${name} to be a valueInteger from 0.`);
  }
  return value;
}

function readOperation(parameter: JsonObject, number: number): PathOperation {
  if (ownValue(parameter, 'name') !== 'operation') throw malformed(number, 'expected the name "operation".');
  const given = partsOf(parameter, 'part', number);
  const parts = new Map(given.map((part) => [part['name'] as string, part]));
  if (parts.size < given.length) throw malformed(number, 'expected every part once.');
  const verb = textOf(parts.get('type'), 'valueCode') ?? textOf(parts.get('type'), 'valueString');
  if (verb === undefined || !verbs.includes(verb)) {
    throw malformed(number, `expected type to be a valueCode, one of ${verbs.join(', ')}.`);
  }
  const path = textOf(parts.get('path'), 'valueString');
  if (path === undefined || path.length > path_limit) {
    throw malformed(number, `expected path to be a valueString of at most ${path_limit} characters.`);
  }
  for (const name of needs[verb as Verb]) {
    if (!parts.has(name)) throw malformed(number, `expected the part "${name}", which ${verb} needs.`);
  }
  return {
    verb: verb as Verb,
    path,
    name: textOf(parts.get('name'), 'valueString') ?? '',
    value: parts.get('value') ?? {},
    index: indexOf(parts.get('index'), 'index', number),
    source: indexOf(parts.get('source'), 'source', number),
    destination: indexOf(parts.get('destination'), 'destination', number),
    number,
  };
}

/** The operations of a Parameters resource. Throws Fault `invalid`, or `tooLarge` beyond 1,000. */
export function readParameters(parameters: unknown): PathOperation[] {
  if (!isObject(parameters) || ownValue(parameters, 'resourceType') !== 'Parameters') {
    throw fault('invalid', 'Expected a FHIRPath Patch: a Parameters resource.');
  }
  const list = partsOf(parameters, 'parameter', 0);
  if (list.length > operation_limit) {
    throw fault('tooLarge', `Expected at most ${operation_limit} operations in one patch.`);
  }
  return list.map(readOperation);
}
