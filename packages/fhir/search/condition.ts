import { isResourceType } from '../definitions.ts';
import { excess, type Reader, type Reading, refusal, unknownModifier } from './reader.ts';
import { splitEscaped } from './split.ts';
import { testOf, testOfType } from './tests.ts';
import type { Modifier, Parameter, ParameterType, Test } from './types.ts';

/** R4 3.1.1.4.2 to 3.1.1.4.16: the modifiers of each type; references take the name of a type as well. */
const modifiers: Readonly<Record<ParameterType, readonly Modifier[]>> = {
  number: ['missing'],
  date: ['missing'],
  string: ['missing', 'exact', 'contains'],
  token: ['missing', 'text', 'not', 'of-type', 'in', 'not-in', 'above', 'below'],
  reference: ['missing', 'identifier', 'text'],
  composite: ['missing'],
  quantity: ['missing'],
  uri: ['missing', 'above', 'below'],
  special: [],
};

export function alternatives(reader: Reader, name: string, value: string): string[] {
  const pieces = splitEscaped(value, ',');
  const { alternatives: most } = reader.limits;
  if (pieces.length > most) throw excess(`The parameter ${name} may have at most ${most} alternatives.`);
  return pieces;
}

const isModifier = (parameter: Parameter, word: string): word is Modifier =>
  (modifiers[parameter.type] as readonly string[]).includes(word);

/** `code[:modifier]=value`, the name of the parameter found already. */
export function readCondition(reader: Reader, parameter: Parameter, word: string | undefined, value: string): Reading {
  if (parameter.type === 'special') throw refusal(`The parameter ${parameter.code} is not supported.`);
  const pieces = alternatives(reader, parameter.code, value);
  const tests = (modifier?: Modifier): Test[] => pieces.map((piece) => testOf(parameter, modifier, piece, reader));
  if (word === undefined) return { kind: 'condition', parameter, tests: tests() };
  if (isModifier(parameter, word)) return { kind: 'condition', parameter, modifier: word, tests: tests(word) };
  if (parameter.type === 'reference' && isResourceType(word)) {
    return { kind: 'condition', parameter, tests: pieces.map((piece) => testOfType(parameter, word, piece, reader)) };
  }
  const typed = parameter.type === 'reference' ? ['a resource type'] : [];
  return unknownModifier(parameter.code, [...modifiers[parameter.type], ...typed]);
}
