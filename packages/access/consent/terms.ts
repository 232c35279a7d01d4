import { createHash } from 'node:crypto';
import type { ConsentPart } from './types.ts';

/** A part, made ready: `key` is the same for equal ones. */
export interface Term extends ConsentPart {
  readonly key: string;
  readonly except?: readonly Term[];
}

const distinct = <T extends string>(texts: readonly T[]): T[] => [...new Set(texts)].sort();

/** Long texts are kept by their digest: keys are compared and put together all the time. */
const keyOf = (parts: readonly unknown[]): string => {
  const text = JSON.stringify(parts);
  return text.length <= 60 ? text : createHash('sha256').update(text).digest('base64url');
};

/** Lists of types that many terms share, in order already. */
const ordered = new WeakMap<readonly string[], readonly string[]>();
function inOrder(types: readonly string[]): readonly string[] {
  const known = ordered.get(types) ?? distinct(types);
  ordered.set(types, known);
  return known;
}

/** Removes what is undefined and orders what has no order. */
export function termOf(part: Omit<ConsentPart, 'except'>, except: readonly Term[] = []): Term {
  const { types, queries = [], instances, letters } = part;
  const exceptions = uniqueTerms(except);
  const made = {
    ...(types === undefined ? {} : { types: inOrder(types) }),
    ...(queries.length === 0 ? {} : { queries: distinct(queries) }),
    ...(instances === undefined ? {} : { instances: distinct(instances) }),
    ...(letters === undefined ? {} : { letters }),
  };
  const key = keyOf([made, exceptions.map((one) => one.key)]);
  return exceptions.length === 0 ? { ...made, key } : { ...made, except: exceptions, key };
}

export const uniqueTerms = (terms: readonly Term[]): readonly Term[] =>
  terms.length < 2
    ? terms
    : [...new Map(terms.map((term) => [term.key, term])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));

export const everything: Term = termOf({});
export const isEverything = ({ key }: Term): boolean => key === everything.key;

function shared(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.filter((text) => other.includes(text));
}

const typeOf = (instance: string): string => instance.slice(0, instance.indexOf('/'));

/** What both mean; undefined: nothing. */
function both(one: Term, other: Term): Term | undefined {
  if (isEverything(one)) return other;
  if (isEverything(other)) return one;
  const types = shared(one.types, other.types);
  const named = shared(one.instances, other.instances);
  const instances = named?.filter((instance) => types === undefined || types.includes(typeOf(instance)));
  const letters = shared(one.letters?.split(''), other.letters?.split(''))?.join('');
  if (types?.length === 0 || instances?.length === 0 || letters === '') return undefined;
  const part: { -readonly [K in keyof ConsentPart]: ConsentPart[K] } = {
    queries: [...(one.queries ?? []), ...(other.queries ?? [])],
  };
  if (types !== undefined) part.types = types;
  if (instances !== undefined) part.instances = instances;
  if (letters !== undefined) part.letters = letters;
  return termOf(part, [...(one.except ?? []), ...(other.except ?? [])]);
}

/** More are not looked at one by one. */
const terms_most = 200;

/** What is in one of each list; undefined: that would be too many terms. No list at all: everything. */
export function allOf(lists: readonly (readonly Term[])[]): readonly Term[] | undefined {
  let terms: readonly Term[] = [everything];
  for (const list of lists) {
    if (terms.length * list.length > terms_most) return undefined;
    terms = uniqueTerms(terms.flatMap((one) => list.flatMap((other) => both(one, other) ?? [])));
  }
  return terms.some(isEverything) ? [everything] : terms;
}

/** A part as others see it: without its key. */
export function partOf({ key: _key, except, ...part }: Term): ConsentPart {
  return except === undefined ? part : { ...part, except: except.map(partOf) };
}
