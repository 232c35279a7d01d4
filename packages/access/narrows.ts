import { isWithin } from './restriction.ts';
import { readScope, type Scope, type Vocabulary } from './scope.ts';

/** What a person may do themselves (`user/`) may be done for them about one patient (`patient/`). */
export const levelCovers = (granted: Scope, asked: Scope): boolean =>
  granted.level === asked.level || (granted.level === 'user' && asked.level === 'patient');

/** Whether one scope grants a letter of another wherever the other does. */
const covers = (granted: Scope, asked: Scope, letter: Scope['letters'][number]): boolean =>
  levelCovers(granted, asked) &&
  (granted.type === '*' || granted.type === asked.type) &&
  granted.letters.includes(letter) &&
  isWithin(asked.conditions, granted.conditions);

/** The scopes among the texts; what is none of ours grants nothing. */
export const readAll = (texts: readonly string[], vocabulary: Vocabulary): Scope[] =>
  texts.map((text) => readScope(text, vocabulary)).filter((one) => typeof one !== 'string');

/**
 * True when `asked` permits nothing that `granted` together do not permit. A wildcard is covered by a wildcard only: a
 * list of every type of today would not cover the types of tomorrow. False when `asked` is no scope of ours.
 */
export function narrows(asked: string, granted: readonly string[], vocabulary: Vocabulary): boolean {
  const scope = readScope(asked, vocabulary);
  if (typeof scope === 'string') return false;
  if (scope.level === 'safeguard') return granted.includes(scope.text);
  const all = readAll(granted, vocabulary);
  return scope.letters.every((letter) => all.some((one) => covers(one, scope, letter)));
}
