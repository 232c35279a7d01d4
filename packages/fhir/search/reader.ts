import { type Fault, fault } from '@safeguard/kernel';
import type { Criterion, Parameter, ReadLimits, ReadOptions } from './types.ts';

const limits_default: ReadLimits = {
  depth: 6,
  criteria: 100,
  alternatives: 500,
  includes: 20,
  characters: 16_384,
  count: 20,
  count_most: 1_000,
};

/** Types that the references of one query may lead to, all chains together: an untyped chain tries every target. */
const links_limit = 1_000;

/** The state of reading one query. */
export interface Reader {
  readonly options: ReadOptions;
  readonly limits: ReadLimits;
  readonly spent: { criteria: number; links: number };
}

/** The types whose parameters a name is looked up among; none: every type. */
export interface Scope {
  readonly types: readonly string[];
}

/** A name or modifier that is not known: a Fault, unless the caller asked for lenience. All words are ours. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly text: string;
  /** The same, shorter, for who asked to ignore it. */
  readonly ignored: string;
  /** A value that one type of a chain cannot take: refused, also leniently, when no other type can. */
  readonly wrong?: true;
}
export type Reading = Criterion | Unknown;

export const newReader = (options: ReadOptions): Reader => ({
  options,
  limits: { ...limits_default, ...options.limits },
  spent: { criteria: 0, links: 0 },
});

export const refusal = (text: string): Fault => fault('invalid', text);

/** A limit exceeded: R4's issue type for it tells it from a value that one of several types cannot take. */
export const excess = (text: string): Fault =>
  fault('invalid', text, { issues: [{ severity: 'error', code: 'too-costly', text }] });

export const isExcess = (error: Fault): boolean => error.issues.some(({ code }) => code === 'too-costly');

export function countCriterion(reader: Reader): void {
  reader.spent.criteria += 1;
  if (reader.spent.criteria > reader.limits.criteria) {
    throw excess(`A query may have at most ${reader.limits.criteria} criteria.`);
  }
}

export function countLink(reader: Reader): void {
  reader.spent.links += 1;
  if (reader.spent.links > links_limit) {
    throw excess(
      `A query may try at most ${links_limit} types: name the type of a chained reference (subject:Patient).`,
    );
  }
}

export function checkDepth(reader: Reader, depth: number): void {
  if (depth > reader.limits.depth) {
    throw excess(`A parameter may follow at most ${reader.limits.depth} references (chains and _has together).`);
  }
}

const sameOf = (name: string, parameter: Parameter, reader: Reader, types: readonly string[]): boolean =>
  types.every((type) => reader.options.parameters(type).get(name)?.type === parameter.type);

/** The parameters of one type; of several types those that all have; of none those that every type has. */
export function parametersIn(reader: Reader, { types }: Scope): ReadonlyMap<string, Parameter> {
  const [first = 'Resource', ...rest] = types;
  const all = reader.options.parameters(first);
  if (rest.length === 0) return all;
  return new Map([...all].filter(([name, parameter]) => sameOf(name, parameter, reader, rest)));
}

const nameOf = ({ types }: Scope): string => {
  if (types.length === 1) return types[0] ?? '';
  return types.length === 0 ? 'a search over all types' : 'all of the types searched';
};

const grammar = ['_content', '_filter', '_has', '_id', '_lastUpdated', '_list', '_text'];

export function unknownParameter(reader: Reader, scope: Scope): Unknown {
  const known = [...parametersIn(reader, scope).keys(), ...grammar].sort().join(', ');
  return {
    kind: 'unknown',
    text: `A search parameter is not known for ${nameOf(scope)}. Known are: ${known}.`,
    ignored: `a search parameter that is not known for ${nameOf(scope)}`,
  };
}

export function unknownModifier(name: string, allowed: readonly string[]): Unknown {
  const known = allowed.length === 0 ? 'It takes none.' : `It takes: ${allowed.map((one) => `:${one}`).join(', ')}.`;
  return {
    kind: 'unknown',
    text: `The parameter ${name} was given a modifier that it does not take. ${known}`,
    ignored: `the parameter ${name}, with a modifier that it does not take`,
  };
}

export const notReference = (name: string): Unknown => ({
  kind: 'unknown',
  text: `The parameter ${name} is no reference and cannot be chained.`,
  ignored: `the parameter ${name}, chained though it is no reference`,
});

export const isUnknown = (reading: Reading): reading is Unknown => reading.kind === 'unknown';
