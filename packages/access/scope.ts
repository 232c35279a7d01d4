import { fault } from '@safeguard/kernel';
import { type Letter, letters } from './interactions.ts';

/** A system scope, taken apart. `type` is a FHIR R4 type or `*`; `letters` stand in the order c r u d s. */
export interface Scope {
  readonly type: string;
  readonly letters: readonly Letter[];
  /** The v2 normal form: `system/Patient.rs`. Two scopes that grant the same have the same text. */
  readonly text: string;
}

/** Longer than any scope that can be valid; a longer text is refused before a pattern runs over it. */
const longest = 100;

const form = /^system\/([A-Z][A-Za-z]*|\*)\.(read|write|\*|(?=.)c?r?u?d?s?)$/;
const people = /^(?:user|patient)\//;
const parametrised = /^system\/[A-Za-z*]+\.[a-z]+\?/;

/** The permissions that v1's words stood for (SMART App Launch 2.2, "Scopes: SMART's v1 equivalence"). */
const versionOne = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
]);

const wrong = {
  form: 'a scope has the form system/<Type or *>.<one or more of c r u d s, in that order>',
  people: 'user/ and patient/ scopes are not served; expected a system/ scope',
  parameters: 'scopes with search parameters are not served; expected a system/ scope without "?"',
  type: 'the scope names a type that FHIR R4 does not have',
} as const;

function whyRefused(text: string): string {
  if (text.length > longest) return wrong.form;
  if (people.test(text)) return wrong.people;
  return parametrised.test(text) ? wrong.parameters : wrong.form;
}

/** Takes a scope apart; answers in fixed words why it cannot when it is not one that this server serves. */
export function readScope(text: string, types: ReadonlySet<string>): Scope | string {
  const found = text.length <= longest ? form.exec(text) : null;
  const type = found?.[1];
  const spelled = found?.[2];
  if (type === undefined || spelled === undefined) return whyRefused(text);
  if (type !== '*' && !types.has(type)) return wrong.type;
  const granted = versionOne.get(spelled) ?? spelled;
  return { type, letters: [...granted] as Letter[], text: `system/${type}.${granted}` };
}

/** Takes a scope apart. Throws Fault `invalid` that says what was expected, never what was sent. */
export function parseScope(text: string, types: ReadonlySet<string>): Scope {
  const scope = readScope(text, types);
  if (typeof scope === 'string') throw fault('invalid', `Scope refused: ${scope}.`);
  return scope;
}

/** The scope's place of each letter, for tables of five. */
export const placeOf = (letter: Letter): number => letters.indexOf(letter);
