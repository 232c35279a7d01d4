import { codesOf, type Fields, listOf } from '../shape.ts';
import { everything, termOf } from '../terms.ts';
import { lettersByAction, systems } from '../vocabulary.ts';
import type { Meant } from './meant.ts';

const lettersOf = (concept: Fields): string | undefined => {
  const known = codesOf(concept).find(
    ({ system, code }) => system === systems.action && Object.hasOwn(lettersByAction, code),
  );
  return known && lettersByAction[known.code];
};

export function readActions(value: unknown): Meant {
  const read = listOf(value)?.map(lettersOf) ?? [undefined];
  const letters = 'cruds'
    .split('')
    .filter((letter) => read.some((one) => one?.includes(letter) === true))
    .join('');
  const must = letters === '' ? [] : [termOf({ letters })];
  return { may: read.includes(undefined) ? [everything] : must, must };
}
