import { fold, type JsonObject } from '@safeguard/kernel';
import { valuesOf } from './extract.ts';
import { dateMatches, numberMatches } from './ranges.ts';
import type { Condition, Modifier, QuantityValue, SearchValue, Test, TokenValue, UriValue } from './types.ts';

type Of<Kind extends Test['kind']> = Extract<Test, { kind: Kind }>;

/** Codes are compared exactly, case and all: whether a code system minds the case is its own affair (R4 3.1.1.4.10). */
const tokenMatches = (test: Of<'token'>, system: string | undefined, code: string | undefined): boolean =>
  (test.system === undefined || test.system === (system ?? '')) && (test.code === undefined || test.code === code);

const typeMatches = (test: Of<'of-type'>, value: TokenValue): boolean =>
  value.code === test.value &&
  (value.types?.some((type) => (type.system ?? '') === test.system && type.code === test.code) ?? false);

/** Text as FHIR's string search compares it; the folded start of a value by default. */
export function textMatches(modifier: Modifier | undefined, wanted: string, text: string): boolean {
  if (modifier === 'exact') return text === wanted;
  const [needle, hay] = [fold(wanted), fold(text)];
  if (modifier === 'contains') return hay.includes(needle);
  if (modifier === 'equals') return hay === needle;
  return modifier === 'ends' ? hay.endsWith(needle) : hay.startsWith(needle);
}

const isBelow = (uri: string, root: string): boolean =>
  uri === root || uri.startsWith(root.endsWith('/') ? root : `${root}/`);

/** `:below` and `:above` go by the path of a URL (R4 3.1.1.4.14); a URN has none, and is only ever equal. */
function uriMatches(modifier: Modifier | undefined, wanted: string, { uri }: UriValue): boolean {
  if (modifier === 'below') return isBelow(uri, wanted);
  return modifier === 'above' ? isBelow(wanted, uri) : uri === wanted;
}

/** The unit as sent: `system|code`, or without a system the code or the unit as displayed. */
function unitMatches(test: Of<'quantity'>, value: QuantityValue): boolean {
  if (test.code === undefined) return true;
  if (test.system === undefined) return value.code === test.code || value.unit === test.code;
  return value.system === test.system && value.code === test.code;
}

/** In base units where both have them, else in the unit as sent. */
function quantityMatches(test: Of<'quantity'>, value: QuantityValue): boolean {
  if (test.canonical && value.canonical) {
    const isSame = test.canonical.unit === value.canonical.unit;
    return isSame && numberMatches(test.prefix, test.canonical, value.canonical);
  }
  return unitMatches(test, value) && numberMatches(test.prefix, test, value);
}

type Compare = (test: Test, value: SearchValue, modifier: Modifier | undefined) => boolean;

function tokenTest(test: Of<'token'>, value: SearchValue): boolean {
  if (value.kind === 'token') return tokenMatches(test, value.system, value.code);
  // `:identifier` of a reference.
  return (
    value.kind === 'reference' &&
    value.identifier !== undefined &&
    tokenMatches(test, value.identifier.system, value.identifier.value)
  );
}

function stringTest(test: Of<'string'>, value: SearchValue, modifier: Modifier | undefined): boolean {
  if (value.kind === 'string') return textMatches(modifier, test.text, value.text);
  // `:text` of a token or reference.
  if (value.kind === 'token') return value.texts?.some((text) => textMatches(undefined, test.text, text)) ?? false;
  return value.kind === 'reference' && value.display !== undefined && textMatches(undefined, test.text, value.display);
}

const referenceTest = (test: Of<'reference'>, value: SearchValue): boolean =>
  value.kind === 'reference' &&
  value.url === undefined &&
  value.id === test.id &&
  (test.types.length === 0 || test.types.includes(value.type ?? ''));

const urlTest = (test: Of<'reference-url'>, value: SearchValue): boolean =>
  value.kind === 'reference' &&
  value.url === test.url &&
  (test.version === undefined || test.version === value.version);

/** Every component holds for one and the same element. */
const compositeTest = (test: Of<'composite'>, value: SearchValue): boolean =>
  value.kind === 'composite' &&
  test.parts.every((part, at) => value.parts[at]?.some((one) => holds(part, one, undefined)) ?? false);

const holds: Compare = (test, value, modifier) => {
  switch (test.kind) {
    case 'token':
      return tokenTest(test, value);
    case 'of-type':
      return value.kind === 'token' && typeMatches(test, value);
    case 'string':
      return stringTest(test, value, modifier);
    case 'reference':
      return referenceTest(test, value);
    case 'reference-url':
      return urlTest(test, value);
    case 'date':
      return value.kind === 'date' && dateMatches(test.prefix, test, value);
    case 'number':
      return value.kind === 'number' && numberMatches(test.prefix, test, value);
    case 'quantity':
      return value.kind === 'quantity' && quantityMatches(test, value);
    case 'uri':
      return value.kind === 'uri' && uriMatches(modifier, test.uri, value);
    case 'composite':
      return compositeTest(test, value);
    default:
      return false;
  }
};

/** Modifiers of a token that only a terminology can answer. */
const needsTerminology = ({ parameter, modifier }: Condition): boolean =>
  parameter.type === 'token' &&
  (modifier === 'in' || modifier === 'not-in' || modifier === 'above' || modifier === 'below');

/**
 * Whether a parameter's values fulfil a condition (FHIR R4 3.1.1.4): any value any alternative; `:not` when none does,
 * also when there is none. Throws a RangeError for `:in`, `:not-in`, `:above` and `:below` of tokens, which whoever
 * holds the terminology turns into plain conditions first.
 */
export function valuesMatch(values: readonly SearchValue[], condition: Condition): boolean {
  if (needsTerminology(condition)) throw new RangeError('a condition on a hierarchy or value set was not expanded');
  const { modifier, tests } = condition;
  if (modifier === 'missing') {
    return tests.some((test) => test.kind === 'missing' && test.missing === (values.length === 0));
  }
  const some = tests.some((test) => values.some((value) => holds(test, value, modifier)));
  return modifier === 'not' ? !some : some;
}

/** Whether a resource of the parameter's type fulfils a condition: the definition that every index must agree with. */
export const matches = (resource: JsonObject, condition: Condition): boolean =>
  valuesMatch(valuesOf(resource, condition.parameter), condition);
