import type { Letter } from './interactions.ts';
import { levelCovers, readAll } from './narrows.ts';
import { both, isWithin } from './restriction.ts';
import { type Level, placeOf, type Scope, scopeOf, type Vocabulary } from './scope.ts';

/** The narrower of two types; undefined: nothing is of both. */
const typeOfBoth = (one: string, other: string): string | undefined =>
  one === '*' ? other : other === '*' || other === one ? one : undefined;

/** What two scopes both permit, at the level that was asked; undefined: nothing, or more than one scope can say. */
function meet(asked: Scope, granted: Scope): Scope | undefined {
  if (asked.level === 'safeguard') return granted.text === asked.text ? asked : undefined;
  if (!levelCovers(granted, asked)) return undefined;
  const type = typeOfBoth(asked.type, granted.type);
  const letters = asked.letters.filter((letter) => granted.letters.includes(letter));
  const conditions = both(asked.conditions, granted.conditions);
  if (type === undefined || letters.length === 0 || conditions === undefined) return undefined;
  return scopeOf(asked.level, type, letters, conditions);
}

const formOf = ({ level, type, conditions, text }: Scope): string =>
  level === 'safeguard' ? text : JSON.stringify([level, type, conditions]);

const inOrder = (letters: Iterable<Letter>): Letter[] =>
  [...new Set(letters)].sort((one, other) => placeOf(one) - placeOf(other));

/** Scopes that differ by their letters alone become one. */
function joined(scopes: readonly Scope[]): Scope[] {
  const all = Map.groupBy(scopes, formOf);
  return [...all.values()].flatMap(([first, ...more]) => {
    if (first === undefined || first.level === 'safeguard') return first ?? [];
    const letters = inOrder([first, ...more].flatMap((one) => one.letters));
    return scopeOf(first.level, first.type, letters, first.conditions) ?? [first, ...more];
  });
}

/** Grants wherever the other does, and is another one: of two of one level never both ways. */
const isWider = (wider: Scope, scope: Scope): boolean =>
  wider !== scope &&
  wider.level === scope.level &&
  (wider.type === '*' || wider.type === scope.type) &&
  isWithin(scope.conditions, wider.conditions);

/** Without the letters that a wider one of the same level grants. */
function pruned(scope: Scope, all: readonly Scope[]): Scope | undefined {
  if (scope.level === 'safeguard') return scope;
  const wider = all.filter((one) => isWider(one, scope));
  const letters = scope.letters.filter((letter) => !wider.some((one) => one.letters.includes(letter)));
  if (letters.length === 0) return undefined;
  return scopeOf(scope.level as Level, scope.type, letters, scope.conditions);
}

/** Of more scopes than anybody has, none is looked for among the others: what one grants twice it still grants once. */
const pruned_most = 1_000;

/**
 * Each asked scope, narrowed letter by letter to what the granted ones permit, in normal form and in the order in which
 * they were asked; what nothing permits is left out. It permits nothing that either list alone would not: of two
 * restrictions both must hold. `user/` rights permit what is asked for `patient/`, and nothing else crosses levels.
 * Texts that are no scopes of ours (`openid`, `launch`) are left out on either side.
 */
export function intersect(asked: readonly string[], granted: readonly string[], vocabulary: Vocabulary): string[] {
  const all = readAll(granted, vocabulary);
  const met = readAll(asked, vocabulary).flatMap((one) => all.flatMap((other) => meet(one, other) ?? []));
  const scopes = joined(met);
  if (scopes.length > pruned_most) return scopes.map(({ text }) => text);
  return scopes.flatMap((one) => pruned(one, scopes)?.text ?? []);
}
