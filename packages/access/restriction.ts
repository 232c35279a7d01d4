/**
 * The part of a scope behind its `?` (SMART App Launch 2.2, "Finer-grained resource constraints using search
 * parameters"): plain conditions on search parameters, all of which a resource must fulfil.
 */

/** One condition. `any`: alternatives as a FHIR query spells them (escapes kept), sorted, distinct; one suffices. */
export interface Condition {
  readonly name: string;
  readonly any: readonly string[];
}

/** `served`: it can be enforced; `unknown`: the type has no such parameter; `refused`: a kind or value that cannot. */
export type ParameterAnswer = 'served' | 'unknown' | 'refused';

/** Whether `name=value` can be enforced on resources of a type; of `*`: by a parameter that every type has. */
export type JudgeParameter = (type: string, name: string, value: string) => ParameterAnswer;

const conditions_most = 5;
const alternatives_most = 20;

const wrongRestriction = {
  grammar: 'a scope takes plain search parameters: no modifiers, chains, _has, _filter, parameters of the result',
  many: `a scope has at most ${conditions_most} search parameters, with at most ${alternatives_most} values each`,
  value: 'a search parameter of the scope has a value, or is of a kind, that a scope does not take',
  parameter: 'the scope names a search parameter that FHIR R4 does not have for the type',
} as const;

const nameForm = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/** Of queries, but no parameters with values of a resource. */
const grammar: ReadonlySet<string> = new Set([
  ...['_content', '_contained', '_containedType', '_count', '_elements', '_filter', '_format', '_has', '_include'],
  ...['_lastUpdated', '_list', '_page', '_pretty', '_query', '_revinclude', '_score', '_sort', '_summary', '_text'],
  ...['_total', '_type'],
]);
/** What no honest value has, and what could make a scope look like another one: controls, formats, line ends. */
const unseen = /[\p{C}\p{Zl}\p{Zp}\uFFFD]/u;

/** A backslash that escapes nothing would, in another order, escape the comma behind it. */
const dangling = /(?<!\\)(?:\\\\)*\\$/;

/** Alternatives at commas that no backslash escapes (R4 3.1.1.4.1.1). */
function split(value: string): string[] {
  const pieces = [''];
  for (const [token] of value.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (token === ',') pieces.push('');
    else pieces.push(`${pieces.pop()}${token}`);
  }
  return pieces;
}

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort(byCodeUnits);

const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one));

/** Whatever fulfils the one fulfils the other. */
const implies = (one: Condition, other: Condition): boolean => one.name === other.name && isSubset(one.any, other.any);

/** Whatever fulfils all of the narrower conditions fulfils all of the wider ones. Never true by mistake; may miss. */
export const isWithin = (narrower: readonly Condition[], wider: readonly Condition[]): boolean =>
  wider.every((one) => narrower.some((other) => implies(other, one)));

const order = (one: Condition, other: Condition): number =>
  byCodeUnits(one.name, other.name) || byCodeUnits(one.any.join(), other.any.join());

/** In one order, without what another of them implies: conditions that mean the same so have the same text. */
function normal(conditions: readonly Condition[]): Condition[] {
  const unlike = new Map(conditions.map((one) => [textOf([one]), one]));
  const all = [...unlike.values()];
  return all.filter((one) => !all.some((other) => other !== one && implies(other, one))).sort(order);
}

/** All of both; undefined: that is more than a scope can say. */
export function both(one: readonly Condition[], other: readonly Condition[]): readonly Condition[] | undefined {
  const all = normal([...one, ...other]);
  return all.length > conditions_most ? undefined : all;
}

/** `:`, `/`, `|`, `,` and `$` stand as SMART's own examples have them. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:3A|2F|7C|2C|24)/g, (sign) => decodeURIComponent(sign));

/** As a FHIR query. */
export const textOf = (conditions: readonly Condition[]): string =>
  conditions.map(({ name, any }) => `${encoded(name)}=${encoded(any.join())}`).join('&');

function readCondition(type: string, name: string, value: string, judge: JudgeParameter): Condition | string {
  if (!nameForm.test(name) || grammar.has(name)) return wrongRestriction.grammar;
  const any = split(value);
  if (any.length > alternatives_most) return wrongRestriction.many;
  if (unseen.test(value) || dangling.test(value) || any.includes('')) return wrongRestriction.value;
  const answer = judge(type, name, value);
  if (answer === 'served') return { name, any: distinct(any) };
  return answer === 'unknown' ? wrongRestriction.parameter : wrongRestriction.value;
}

/** Reads what stands behind the `?`; answers in fixed words why it cannot. */
export function readConditions(type: string, query: string, judge: JudgeParameter): readonly Condition[] | string {
  const pairs = [...new URLSearchParams(query)];
  if (pairs.length > conditions_most) return wrongRestriction.many;
  const conditions: Condition[] = [];
  for (const [name, value] of pairs) {
    const read = readCondition(type, name, value, judge);
    if (typeof read === 'string') return read;
    conditions.push(read);
  }
  return conditions.length === 0 ? wrongRestriction.grammar : normal(conditions);
}

/**
 * A union of restrictions in fewer queries: those of one and the same parameter become one with all their values, which
 * an index answers in one go.
 */
export function unionOf(restrictions: readonly (readonly Condition[])[]): string[] {
  const single = new Map<string, string[]>();
  const queries: string[] = [];
  for (const conditions of restrictions) {
    const [only, ...more] = conditions;
    if (only === undefined || more.length > 0) queries.push(textOf(conditions));
    else single.set(only.name, [...(single.get(only.name) ?? []), ...only.any]);
  }
  const merged = [...single].map(([name, any]) => textOf([{ name, any: distinct(any) }]));
  return distinct([...merged, ...queries]);
}
