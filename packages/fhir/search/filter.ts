import { readChain, readKey } from './criterion.ts';
import { type Filter, type FilterStep, parseFilter } from './filter-parse.ts';
import {
  checkDepth,
  countCriterion,
  isUnknown,
  notReference,
  parametersIn,
  type Reader,
  type Reading,
  refusal,
  type Scope,
  unknownParameter,
} from './reader.ts';
import { testOf } from './tests.ts';
import type { Criterion, Modifier, Parameter, ParameterType, Prefix, Test } from './types.ts';

type Compare = Extract<Filter, { kind: 'compare' }>;

const ordered = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'];

/** What each type of parameter can be asked (R4 search_filter.html, operations). */
const operators: Readonly<Record<ParameterType, readonly string[]>> = {
  number: ordered,
  quantity: ordered,
  date: [...ordered, 'po'],
  string: ['eq', 'ne', 'co', 'sw', 'ew', 'pr'],
  token: ['eq', 'ne', 'in', 'ni', 'ss', 'sb', 'pr'],
  reference: ['eq', 'ne', 're', 'pr'],
  uri: ['eq', 'ne', 'pr'],
  composite: ['eq', 'ne', 'pr'],
  special: [],
};

/** `ss`: the value subsumes what the resource has, so that lies below it. `in` and `ni` are a token's. */
const modifierOf: Readonly<Record<string, Modifier>> = {
  co: 'contains',
  ew: 'ends',
  in: 'in',
  ni: 'not-in',
  ss: 'below',
  sb: 'above',
  pr: 'missing',
};

const isOrdered = ({ type }: Parameter): boolean => type === 'number' || type === 'quantity' || type === 'date';

/** A prefix is the operator's affair here: `eq`, so that a value's own is refused. */
function withPrefix(test: Test, operator: string): Test {
  if (test.kind !== 'date' && test.kind !== 'number' && test.kind !== 'quantity') return test;
  // An overlap is what `ap` asks for; without the tolerance it is R4's `po`.
  return { ...test, prefix: operator === 'po' ? 'ap' : (operator as Prefix) };
}

function orderedTest(reader: Reader, parameter: Parameter, operator: string, value: string): Test {
  if (/^[a-z]{2}/.test(value))
    throw refusal(`The parameter ${parameter.code} expects a value without prefix in _filter.`);
  const sent = operator === 'ap' ? `ap${value}` : value;
  return withPrefix(testOf(parameter, undefined, sent, reader), operator);
}

function presence(reader: Reader, parameter: Parameter, value: string): Criterion {
  const test = testOf(parameter, 'missing', value, reader) as Extract<Test, { kind: 'missing' }>;
  return { kind: 'condition', parameter, modifier: 'missing', tests: [{ kind: 'missing', missing: !test.missing }] };
}

/**
 * `ne` of dates and numbers is FHIR's prefix (some value differs). Of texts, codes and references it is the opposite of
 * `eq` here: that one of several codings differs is true of nearly everything.
 */
function conditionOf(reader: Reader, parameter: Parameter, operator: string, value: string): Criterion {
  if (operator === 'pr') return presence(reader, parameter, value);
  if (isOrdered(parameter)) {
    return { kind: 'condition', parameter, tests: [orderedTest(reader, parameter, operator, value)] };
  }
  const equals: Modifier | undefined = parameter.type === 'string' && operator !== 'sw' ? 'equals' : undefined;
  const modifier = modifierOf[operator] ?? equals;
  const tests = [testOf(parameter, modifier, value, reader)];
  const one: Criterion = { kind: 'condition', parameter, ...(modifier === undefined ? {} : { modifier }), tests };
  return operator === 'ne' ? { kind: 'not', one } : one;
}

/** The parameters that the grammar reads itself: `_id eq x`, `_lastUpdated ge 2024`. */
function readOwn(reader: Reader, scope: Scope, name: string, operator: string, value: string): Reading {
  if (name === '_id' && (operator === 'eq' || operator === 'ne')) {
    const one = readKey(reader, scope, name, value, 0) as Criterion;
    return operator === 'eq' ? one : { kind: 'not', one };
  }
  if (name === '_lastUpdated' && ordered.includes(operator) && operator !== 'pr') {
    return readKey(reader, scope, name, `${operator}${value}`, 0);
  }
  throw refusal(`The parameter ${name} cannot be compared so in _filter.`);
}

function readLeaf(reader: Reader, scope: Scope, name: string, { operator, value }: Compare): Reading {
  if (name === '_id' || name === '_lastUpdated') return readOwn(reader, scope, name, operator, value);
  const parameter = parametersIn(reader, scope).get(name);
  if (!parameter) return unknownParameter(reader, scope);
  if (!operators[parameter.type].includes(operator)) {
    const known = operators[parameter.type].join(', ');
    throw refusal(`The parameter ${parameter.code} can be compared by ${known || 'nothing'} in _filter.`);
  }
  return conditionOf(reader, parameter, operator, value);
}

function both(one: Reading, other: Reading, kind: 'and' | 'or'): Reading {
  if (isUnknown(one)) return one;
  return isUnknown(other) ? other : { kind, all: [one, other] };
}

/** `subject[name eq x].birthdate ge 2000`: what is in brackets and what follows hold for the same resource. */
function readPath(reader: Reader, scope: Scope, steps: readonly FilterStep[], filter: Compare, depth: number): Reading {
  const [step, ...rest] = steps;
  if (!step) return unknownParameter(reader, scope);
  const { name, where } = step;
  if (rest.length === 0 && !where) return readLeaf(reader, scope, name, filter);
  const parameter = parametersIn(reader, scope).get(name);
  if (!parameter) return unknownParameter(reader, scope);
  if (parameter.type !== 'reference') return notReference(parameter.code);
  if (rest.length === 0) throw refusal(`The parameter _filter expects a point and a parameter after a bracket.`);
  checkDepth(reader, depth + 1);
  return readChain(reader, parameter, undefined, (next) => {
    const after = readPath(reader, next, rest, filter, depth + 1);
    return where ? both(readTree(reader, next, where, depth + 1), after, 'and') : after;
  });
}

function readTree(reader: Reader, scope: Scope, filter: Filter, depth: number): Reading {
  if (filter.kind === 'compare') return readPath(reader, scope, filter.path, filter, depth);
  const one = readTree(reader, scope, filter.one, depth);
  if (filter.kind === 'not') return isUnknown(one) ? one : { kind: 'not', one };
  return both(one, readTree(reader, scope, filter.other, depth), filter.kind);
}

/** The criterion that a `_filter` means for a type. */
export const readFilter = (reader: Reader, scope: Scope, text: string): Reading =>
  readTree(
    reader,
    scope,
    parseFilter(text, () => countCriterion(reader)),
    0,
  );
