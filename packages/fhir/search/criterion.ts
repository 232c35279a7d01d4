import { isFault } from '@safeguard/kernel';
import { isResourceType, resourceTypes } from '../definitions.ts';
import { alternatives, readCondition } from './condition.ts';
import {
  checkDepth,
  countLink,
  excess,
  isExcess,
  isUnknown,
  notReference,
  parametersIn,
  type Reader,
  type Reading,
  refusal,
  type Scope,
  type Unknown,
  unknownModifier,
  unknownParameter,
} from './reader.ts';
import { dateTest } from './spans.ts';
import { unescaped } from './split.ts';
import type { Criterion, Link, Parameter } from './types.ts';
import { wordsOf } from './words.ts';

const idForm = /^[A-Za-z0-9.-]{1,64}$/;
const listForm = /^(?:List\/)?([A-Za-z0-9.-]{1,64}|\$current-[a-z]{1,40})$/;
const words_limit = 20;

function readIds(reader: Reader, value: string): Criterion {
  const ids = alternatives(reader, '_id', value);
  if (!ids.every((id) => idForm.test(id))) throw refusal('The parameter _id expects ids: letters, digits, - and .');
  return { kind: 'id', ids };
}

function readUpdated(reader: Reader, value: string): Criterion {
  const tests = alternatives(reader, '_lastUpdated', value).map((one) => {
    const test = dateTest(one, reader.options.now);
    if (!test) throw refusal('The parameter _lastUpdated expects a date or instant, with a prefix or without.');
    return test;
  });
  return { kind: 'updated', tests };
}

function readList(_: Reader, value: string): Criterion {
  const list = listForm.exec(value)?.[1];
  if (list === undefined) throw refusal('The parameter _list expects the id of a List, or $current-… for a kind.');
  return { kind: 'list', list };
}

const readText =
  (name: string, over: 'narrative' | 'content') =>
  (_: Reader, value: string): Criterion => {
    const words = [...new Set(wordsOf(unescaped(value)))];
    if (words.length === 0) throw refusal(`The parameter ${name} expects words.`);
    if (words.length > words_limit) throw excess(`The parameter ${name} may have at most ${words_limit} words.`);
    return { kind: 'text', over, words };
  };

const special: ReadonlyMap<string, (reader: Reader, value: string) => Criterion> = new Map([
  ['_id', readIds],
  ['_lastUpdated', readUpdated],
  ['_list', readList],
  ['_text', readText('_text', 'narrative')],
  ['_content', readText('_content', 'content')],
]);

/** The types that a reference may lead to, when the query does not say. */
const typesOf = ({ only, target }: Parameter): readonly string[] => {
  if (only !== undefined) return [only];
  return target.length === 0 ? resourceTypes : target;
};

/** What a type cannot take is no reason to refuse, as long as another can. */
function attempt(read: () => Reading): Reading {
  try {
    return read();
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid' || isExcess(error)) throw error;
    return { kind: 'unknown', text: error.message, ignored: '', wrong: true };
  }
}

/** Follows a reference to every type it may lead to and that has what is asked for there. */
export function readChain(
  reader: Reader,
  parameter: Parameter,
  type: string | undefined,
  read: (scope: Scope) => Reading,
): Reading {
  const links: Link[] = [];
  let unread: Unknown | undefined;
  for (const one of type === undefined ? typesOf(parameter) : [type]) {
    countLink(reader);
    const where = attempt(() => read({ types: [one] }));
    if (isUnknown(where)) unread = unread === undefined || (where.wrong && !unread.wrong) ? where : unread;
    else links.push({ type: one, where });
  }
  if (links.length > 0) return { kind: 'chain', parameter, links };
  if (unread?.wrong) throw refusal(unread.text);
  return unread ?? notReference(parameter.code);
}

const isReference = (parameter: Parameter | undefined): boolean => parameter?.type === 'reference';

function readDotted(reader: Reader, scope: Scope, key: string, value: string, depth: number): Reading {
  const dot = key.indexOf('.');
  const [code = '', type, ...more] = key.slice(0, dot).split(':');
  const parameter = parametersIn(reader, scope).get(code);
  if (!parameter) return unknownParameter(reader, scope);
  if (!isReference(parameter)) return notReference(parameter.code);
  if (more.length > 0 || (type !== undefined && !isResourceType(type))) {
    return unknownModifier(parameter.code, ['a resource type (in a chain)']);
  }
  checkDepth(reader, depth + 1);
  return readChain(reader, parameter, type, (next) => readKey(reader, next, key.slice(dot + 1), value, depth + 1));
}

const leadsInto = (parameter: Parameter, { types }: Scope): boolean =>
  parameter.target.length === 0 || types.some((type) => parameter.target.includes(type));

/** `_has:Type:reference:criterion`, which may be a chain or `_has` again (R4 3.1.1.4.13). */
function readHas(reader: Reader, scope: Scope, key: string, value: string, depth: number): Reading {
  const [, type = '', code = '', rest = ''] = /^_has:([^:]*):([^:]*):(.+)$/s.exec(key) ?? [];
  if (!isResourceType(type))
    throw refusal('The parameter _has expects _has:Type:reference:criterion, with a type of R4.');
  const inner = { types: [type] };
  const parameter = parametersIn(reader, inner).get(code);
  if (!parameter) return unknownParameter(reader, inner);
  if (!isReference(parameter) || !leadsInto(parameter, scope)) {
    throw refusal(`The parameter _has expects a reference of ${type} that leads to the type searched.`);
  }
  checkDepth(reader, depth + 1);
  const where = readKey(reader, inner, rest, value, depth + 1);
  return isUnknown(where) ? where : { kind: 'has', parameter, link: { type, where } };
}

/** One criterion of a query: `key=value`. */
export function readKey(reader: Reader, scope: Scope, key: string, value: string, depth: number): Reading {
  if (key.startsWith('_has:')) return readHas(reader, scope, key, value, depth);
  if (key.includes('.')) return readDotted(reader, scope, key, value, depth);
  const colon = key.indexOf(':');
  const [code, modifier] = colon < 0 ? [key, undefined] : [key.slice(0, colon), key.slice(colon + 1)];
  const read = special.get(code);
  if (read) {
    if (modifier !== undefined) return unknownModifier(code, []);
    return read(reader, value);
  }
  const parameter = parametersIn(reader, scope).get(code);
  return parameter ? readCondition(reader, parameter, modifier, value) : unknownParameter(reader, scope);
}
