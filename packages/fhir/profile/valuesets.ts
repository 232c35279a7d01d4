import type { JsonObject } from '@safeguard/kernel';
import { canonical, objectAt, objectsAt, textAt, textsAt } from './definition.ts';
import { filtered, type System } from './systems.ts';

export interface Coded {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** Whether a code is in; undefined where that cannot be told here. No system: any, for elements of type code. */
export type Membership = (system: string | undefined, code: string) => boolean | undefined;

/** A value set as far as it can be told here. */
export interface Members {
  readonly has: Membership;
  /** Every member; undefined where they cannot all be named. */
  readonly all: readonly Coded[] | undefined;
}

/** Where definitions come from. */
export interface Shelf {
  readonly valueSet: (url: string) => JsonObject | undefined;
  readonly system: (url: string) => System | undefined;
}

/** Most codes that one expansion may hold. */
const expansion_limit = 200_000;

const nothing: Members = { has: () => undefined, all: undefined };

const not = (known: boolean | undefined): boolean | undefined => (known === undefined ? undefined : !known);

function both(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}
const either = (one: boolean | undefined, other: boolean | undefined): boolean | undefined =>
  not(both(not(one), not(other)));

const keyOf = (system: string, code: string): string => `${system}|${code}`;

function listed(all: readonly Coded[]): Members {
  const keys = new Set(all.map(({ system, code }) => keyOf(system, code)));
  const codes = new Set(all.map(({ code }) => code));
  return { all, has: (system, code) => (system === undefined ? codes.has(code) : keys.has(keyOf(system, code))) };
}

function everyOf(members: readonly Members[]): Members {
  const [first, ...rest] = members;
  if (first === undefined) return listed([]);
  if (rest.length === 0) return first;
  const has: Membership = (system, code) =>
    members.reduce<boolean | undefined>((known, one) => both(known, one.has(system, code)), true);
  const whole = members.find((one) => one.all !== undefined)?.all;
  const decided = whole?.map((one) => ({ one, known: has(one.system, one.code) }));
  const told = decided?.every(({ known }) => known !== undefined);
  return { has, all: told ? decided?.filter(({ known }) => known).map(({ one }) => one) : undefined };
}

const distinct = (all: readonly Coded[]): Coded[] => [
  ...new Map(all.map((one) => [keyOf(one.system, one.code), one])).values(),
];

function anyOf(members: readonly Members[]): Members {
  const [only] = members;
  if (only !== undefined && members.length === 1) return only;
  const whole = members.every(({ all }) => all !== undefined);
  if (whole) return listed(distinct(members.flatMap(({ all }) => all ?? [])));
  return {
    has: (system, code) =>
      members.reduce<boolean | undefined>((known, one) => either(known, one.has(system, code)), false),
    all: undefined,
  };
}

function except(kept: Members, taken: Members): Members {
  const has: Membership = (system, code) => both(kept.has(system, code), not(taken.has(system, code)));
  const decided = kept.all?.map((one) => ({ one, out: taken.has(one.system, one.code) }));
  const told = decided?.every(({ out }) => out !== undefined);
  return { has, all: told ? decided?.filter(({ out }) => !out).map(({ one }) => one) : undefined };
}

const codedIn = (system: System, codes: Iterable<string>): Coded[] =>
  [...codes].map((code) => {
    const display = system.concepts.get(code)?.display;
    return { system: system.url, code, ...(display === undefined ? {} : { display }) };
  });

/** A system of which the codes cannot be counted here: its codes may be in, those of others are not. */
const unknownOf = (url: string): Members => ({
  has: (system) => (system === undefined || system === url ? undefined : false),
  all: undefined,
});

function ofSystem(url: string, include: JsonObject, shelf: Shelf): Members {
  const concepts = objectsAt(include, 'concept');
  if (concepts.length > 0) {
    return listed(
      concepts.map((one) => {
        const display = textAt(one, 'display');
        return { system: url, code: textAt(one, 'code') ?? '', ...(display === undefined ? {} : { display }) };
      }),
    );
  }
  const system = shelf.system(url);
  const filters = objectsAt(include, 'filter');
  if (filters.length === 0) {
    if (!system?.complete || system.concepts.size > expansion_limit) return unknownOf(url);
    return listed(codedIn(system, system.concepts.keys()));
  }
  const found = filters.map((filter) => filtered(system, filter));
  if (system === undefined || found.some((one) => one === undefined)) return unknownOf(url);
  const [first = new Set<string>(), ...rest] = found as Set<string>[];
  return listed(
    codedIn(
      system,
      [...first].filter((code) => rest.every((one) => one.has(code))),
    ),
  );
}

function ofInclude(include: JsonObject, shelf: Shelf, open: ReadonlySet<string>): Members {
  const system = textAt(include, 'system');
  const nested = textsAt(include, 'valueSet').map((url) => members(url, shelf, open));
  return everyOf([...(system === undefined ? [] : [ofSystem(system, include, shelf)]), ...nested]);
}

function* contained(list: readonly JsonObject[]): Generator<Coded> {
  const todo = [...list].reverse();
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const [system, code, display] = [textAt(one, 'system'), textAt(one, 'code'), textAt(one, 'display')];
    if (system !== undefined && code !== undefined && one['abstract'] !== true) {
      yield { system, code, ...(display === undefined ? {} : { display }) };
    }
    todo.push(...objectsAt(one, 'contains').reverse());
  }
}

/** An expansion that comes with the value set, unless it is only a page or a part of it. */
function ofExpansion(valueSet: JsonObject): Members | undefined {
  const expansion = objectAt(valueSet, 'expansion');
  if (expansion === undefined) return undefined;
  const all = [...contained(objectsAt(expansion, 'contains'))];
  const total = expansion['total'];
  const part = expansion['offset'] !== undefined || (typeof total === 'number' && total > all.length);
  if (!part) return listed(all);
  const known = listed(all);
  return { has: (system, code) => known.has(system, code) || undefined, all: undefined };
}

function ofCompose(compose: JsonObject, shelf: Shelf, open: ReadonlySet<string>): Members {
  const included = anyOf(objectsAt(compose, 'include').map((one) => ofInclude(one, shelf, open)));
  const excluded = objectsAt(compose, 'exclude').map((one) => ofInclude(one, shelf, open));
  return excluded.length === 0 ? included : except(included, anyOf(excluded));
}

/**
 * The members of the value set that a canonical URL names (R4 valueset.html#compositions), as far as its code systems
 * are held. Value sets that include themselves are not resolved.
 */
export function members(url: string, shelf: Shelf, open: ReadonlySet<string> = new Set()): Members {
  const plain = canonical(url).url;
  const valueSet = shelf.valueSet(url);
  if (valueSet === undefined || open.has(plain)) return nothing;
  const compose = objectAt(valueSet, 'compose');
  const composed = compose && ofCompose(compose, shelf, new Set([...open, plain]));
  return composed?.all === undefined ? (ofExpansion(valueSet) ?? composed ?? nothing) : composed;
}
