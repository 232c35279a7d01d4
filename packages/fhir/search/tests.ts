import { fold } from '@safeguard/kernel';
import { isResourceType } from '../definitions.ts';
import { type Reader, refusal } from './reader.ts';
import { dateTest, numberTest, quantityTest } from './spans.ts';
import { splitEscaped, unescaped } from './split.ts';
import type { Modifier, Parameter, ParameterType, Test } from './types.ts';

const idForm = /^[A-Za-z0-9.-]{1,64}$/;

function tokenTest(text: string): Test | undefined {
  const parts = splitEscaped(text, '|').map(unescaped);
  const [first = '', second] = parts;
  if (parts.length > 2 || text === '' || text === '|') return undefined;
  if (second === undefined) return { kind: 'token', code: first };
  return second === '' ? { kind: 'token', system: first } : { kind: 'token', system: first, code: second };
}

function ofTypeTest(text: string): Test | undefined {
  const [system = '', code = '', value = '', ...rest] = splitEscaped(text, '|').map(unescaped);
  return rest.length > 0 || code === '' || value === '' ? undefined : { kind: 'of-type', system, code, value };
}

const isAbsolute = (text: string): boolean => text.includes('://') || text.startsWith('urn:');

/** An absolute address, or a canonical with or without its version. */
function urlTest(text: string, barred: readonly string[]): Test {
  const [url = '', version] = barred;
  return version === undefined || version === ''
    ? { kind: 'reference-url', url: text }
    : { kind: 'reference-url', url, version };
}

function referenceTest(escaped: string, types: readonly string[], reader: Reader): Test | undefined {
  const parts = splitEscaped(escaped, '|').map(unescaped);
  const { base } = reader.options;
  const own = base !== undefined && parts[0]?.startsWith(`${base}/`) ? parts[0].slice(base.length + 1) : parts[0];
  if (own === undefined || own === '' || parts.length > 2) return undefined;
  if (isAbsolute(own)) return urlTest(own, parts);
  const [first = '', second, ...rest] = own.split('/');
  if (rest.length > 0 || parts.length > 1) return undefined;
  if (second === undefined) return idForm.test(first) ? { kind: 'reference', types, id: first } : undefined;
  return isResourceType(first) && idForm.test(second) ? { kind: 'reference', types: [first], id: second } : undefined;
}

function compositeTest(text: string, parameter: Parameter, reader: Reader): Test | undefined {
  const pieces = splitEscaped(text, '$');
  const components = parameter.components ?? [];
  if (pieces.length !== components.length) return undefined;
  const parts = components.map((component, at) => testOf(component.parameter, undefined, pieces[at] ?? '', reader));
  return { kind: 'composite', parts };
}

/** A text that folds to nothing would be the start of everything. */
const stringTest = (text: string): Test | undefined => (fold(text) === '' ? undefined : { kind: 'string', text });

const missingTest = (text: string): Test | undefined =>
  text === 'true' || text === 'false' ? { kind: 'missing', missing: text === 'true' } : undefined;

const expected: Readonly<Record<ParameterType | 'of-type' | 'missing' | 'value-set', string>> = {
  number: 'a number, with a prefix (eq, ne, gt, lt, ge, le, sa, eb, ap) or without',
  date: 'a date (YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss] with a zone), with a prefix or without',
  string: 'a text',
  token: 'code, system|code, |code or system|',
  reference: 'id, Type/id, an absolute URL or url|version',
  composite: 'one value for each component, with $ between them',
  quantity: 'number, number|system|code or number||code, with a prefix or without',
  uri: 'a URI',
  special: 'a value',
  'of-type': 'system|code|value of an identifier type',
  missing: 'true or false',
  'value-set': 'the URL of a value set',
};

/** Which rules read the value: those of the type, unless the modifier brings its own. */
function formOf(parameter: Parameter, modifier: Modifier | undefined): keyof typeof expected {
  if (modifier === 'missing' || modifier === 'of-type') return modifier;
  if (modifier === 'in' || modifier === 'not-in') return 'value-set';
  if (modifier === 'identifier') return 'token';
  return modifier === 'text' ? 'string' : parameter.type;
}

const targetsOf = ({ only, target }: Parameter): readonly string[] => (only === undefined ? target : [only]);

const readers: Readonly<
  Record<keyof typeof expected, (text: string, parameter: Parameter, reader: Reader) => Test | undefined>
> = {
  number: (text) => numberTest(unescaped(text)),
  date: (text, _, reader) => dateTest(unescaped(text), reader.options.now),
  string: (text) => stringTest(unescaped(text)),
  token: tokenTest,
  reference: (text, parameter, reader) => referenceTest(text, targetsOf(parameter), reader),
  composite: compositeTest,
  quantity: (text) => quantityTest(splitEscaped(text, '|').map(unescaped)),
  uri: (text) => ({ kind: 'uri', uri: unescaped(text) }),
  special: () => undefined,
  'of-type': ofTypeTest,
  missing: missingTest,
  'value-set': (text) => ({ kind: 'value-set', url: unescaped(text) }),
};

/**
 * Reads one alternative of a parameter's value, still escaped. Throws Fault `invalid`, naming the parameter and the
 * form that is expected, and never what was sent.
 */
export function testOf(parameter: Parameter, modifier: Modifier | undefined, text: string, reader: Reader): Test {
  const form = formOf(parameter, modifier);
  const test = text === '' ? undefined : readers[form](text, parameter, reader);
  if (!test) throw refusal(`The parameter ${parameter.code} expects ${expected[form]}.`);
  return test;
}

/** `subject:Patient=23`, `subject:Patient=Patient/23`: a reference to that type. */
export function testOfType(parameter: Parameter, type: string, text: string, reader: Reader): Test {
  const test = testOf({ ...parameter, only: type }, undefined, text, reader);
  if (test.kind === 'reference' && test.types[0] !== type) {
    throw refusal(`The parameter ${parameter.code}:${type} expects a reference to that type.`);
  }
  return test;
}
