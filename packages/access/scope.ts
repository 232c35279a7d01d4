import { fault } from '@safeguard/kernel';
import { type Letter, letters } from './interactions.ts';
import { type Condition, type JudgeParameter, readConditions, textOf } from './restriction.ts';

/** For whom a FHIR scope speaks: the patient in context, the person who signed in, nobody but the client itself. */
export type Level = 'patient' | 'user' | 'system';

/** A scope, taken apart. */
export interface Scope {
  readonly level: Level | 'safeguard';
  /** A FHIR R4 type or `*`; of a product scope the word behind `safeguard/`. */
  readonly type: string;
  /** In the order c r u d s; of a product scope none. */
  readonly letters: readonly Letter[];
  /** All of which a resource must fulfil; none: any resource of the type. */
  readonly conditions: readonly Condition[];
  /** The v2 normal form: `patient/Observation.rs?category=x`. Two scopes that grant the same have the same text. */
  readonly text: string;
}

/** What a scope may name. */
export interface Vocabulary {
  readonly types: ReadonlySet<string>;
  /** Absent: no scope with search parameters is served. */
  readonly parameters?: JudgeParameter | undefined;
}

/** The product's own scopes, beside FHIR's: they open its API, and no FHIR interaction. */
export const productScopes: ReadonlySet<string> = new Set([
  'safeguard/accounts',
  'safeguard/clients',
  'safeguard/scim',
  'safeguard/launch',
  'safeguard/access',
  'safeguard/programme',
]);

/** A longer text is refused before a pattern runs over it. */
const scope_chars_most = 500;

const form = /^(patient|user|system)\/([A-Z][A-Za-z]*|\*)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(.+))?$/s;

/** The permissions that v1's words stood for (SMART App Launch 2.2, "Scopes: SMART's v1 equivalence"). */
const versionOne = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
]);

const wrong = {
  form:
    'a scope has the form patient|user|system/<Type or *>.<one or more of c r u d s, in that order>, ' +
    'with or without ?parameter=value',
  type: 'the scope names a type that FHIR R4 does not have',
  long: `a scope has at most ${scope_chars_most} characters`,
  parameters: 'scopes with search parameters are not served here; expected a scope without "?"',
} as const;

/** A FHIR scope of its parts; undefined: it would be too long to be one. */
export function scopeOf(
  level: Level,
  type: string,
  granted: readonly Letter[],
  conditions: readonly Condition[],
): Scope | undefined {
  const query = conditions.length === 0 ? '' : `?${textOf(conditions)}`;
  const text = `${level}/${type}.${granted.join('')}${query}`;
  return text.length > scope_chars_most ? undefined : { level, type, letters: granted, conditions, text };
}

const product = (text: string): Scope => ({
  level: 'safeguard',
  type: text.slice('safeguard/'.length),
  letters: [],
  conditions: [],
  text,
});

/** Takes a scope apart; answers in fixed words why it cannot when it is not one that this server serves. */
export function readScope(text: string, { types, parameters }: Vocabulary): Scope | string {
  if (productScopes.has(text)) return product(text);
  if (text.length > scope_chars_most) return wrong.long;
  const [, level, type, spelled, query] = form.exec(text) ?? [];
  if (level === undefined || type === undefined || spelled === undefined) return wrong.form;
  if (type !== '*' && !types.has(type)) return wrong.type;
  if (query !== undefined && parameters === undefined) return wrong.parameters;
  const conditions = query === undefined || !parameters ? [] : readConditions(type, query, parameters);
  if (typeof conditions === 'string') return conditions;
  const granted = [...(versionOne.get(spelled) ?? spelled)] as Letter[];
  return scopeOf(level as Level, type, granted, conditions) ?? wrong.long;
}

/** Takes a scope apart. Throws Fault `invalid` that says what was expected, never what was sent. */
export function parseScope(text: string, vocabulary: Vocabulary): Scope {
  const scope = readScope(text, vocabulary);
  if (typeof scope === 'string') throw fault('invalid', `Scope refused: ${scope}.`);
  return scope;
}

/** The scope's place of each letter, for tables of five. */
export const placeOf = (letter: Letter): number => letters.indexOf(letter);
