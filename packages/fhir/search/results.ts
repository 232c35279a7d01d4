import { isResourceType } from '../definitions.ts';
import {
  excess,
  parametersIn,
  type Reader,
  refusal,
  type Scope,
  type Unknown,
  unknownModifier,
  unknownParameter,
} from './reader.ts';
import type { Include, SearchRequest, Sort, Summary } from './types.ts';

const summaries: readonly Summary[] = ['true', 'text', 'data', 'count', 'false'];
const totals: readonly SearchRequest['total'][] = ['none', 'estimate', 'accurate'];

const oneOf = <T extends string>(name: string, all: readonly T[], value: string): T => {
  const found = all.find((one) => one === value);
  if (found === undefined) throw refusal(`The parameter ${name} expects one of ${all.join(', ')}.`);
  return found;
};

export const readSummary = (value: string): Summary => oneOf('_summary', summaries, value);
export const readTotal = (value: string): SearchRequest['total'] => oneOf('_total', totals, value);

/** 0 asks for the total alone; more than a page may hold is cut to what it may. */
export function readCount(reader: Reader, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw refusal('The parameter _count expects a whole number from 0.');
  return Math.min(Number(value), reader.limits.count_most);
}

const elements_limit = 100;

/** Names of elements at the top of a resource. */
export function readElements(value: string): readonly string[] {
  const names = value.split(',');
  if (names.length > elements_limit || !names.every((name) => /^(?:[A-Z]\w*\.)?[a-z]\w{0,63}(?:\[x\])?$/.test(name))) {
    throw excess(`The parameter _elements expects at most ${elements_limit} names of elements.`);
  }
  return names;
}

export function readTypes(value: string): readonly string[] {
  const types = [...new Set(value.split(','))];
  if (!types.every(isResourceType)) throw refusal('The parameter _type expects resource types of R4.');
  return types;
}

const sort_limit = 10;

function sortBy(reader: Reader, scope: Scope, name: string): Sort['by'] | Unknown {
  if (name === '_id' || name === '_lastUpdated') return name;
  const parameter = parametersIn(reader, scope).get(name);
  if (!parameter) return unknownParameter(reader, scope);
  if (parameter.type === 'composite' || parameter.type === 'special') {
    throw refusal(`The parameter ${parameter.code} has no order, and cannot stand in _sort.`);
  }
  return parameter;
}

export function readSort(reader: Reader, scope: Scope, value: string): readonly Sort[] | Unknown {
  const names = value.split(',');
  if (names.length > sort_limit) throw excess(`The parameter _sort may name at most ${sort_limit} parameters.`);
  const sorts: Sort[] = [];
  for (const name of names) {
    const descending = name.startsWith('-');
    const by = sortBy(reader, scope, descending ? name.slice(1) : name);
    if (typeof by === 'object' && 'kind' in by) return by;
    sorts.push({ by, descending });
  }
  return sorts;
}

const include_expected = 'expects Type:parameter, Type:parameter:Target, Type:* or *';

/** `_include[:iterate]=Type:parameter[:Target]`. */
export function readInclude(
  reader: Reader,
  name: string,
  modifier: string | undefined,
  value: string,
): Include | Unknown {
  if (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse')
    return unknownModifier(name, ['iterate']);
  const common = { reverse: name === '_revinclude', iterate: modifier !== undefined };
  const [source = '', code, target, ...rest] = value.split(':');
  if (source === '*' && code === undefined) return { ...common, source };
  const isRight = isResourceType(source) && code !== undefined && rest.length === 0;
  if (!isRight || (target !== undefined && !isResourceType(target))) {
    throw refusal(`The parameter ${name} ${include_expected}.`);
  }
  const aim = target === undefined ? {} : { target };
  if (code === '*') return { ...common, source, ...aim };
  const scope = { types: [source] };
  const parameter = parametersIn(reader, scope).get(code);
  if (!parameter) return unknownParameter(reader, scope);
  if (parameter.type !== 'reference')
    throw refusal(`The parameter ${parameter.code} is no reference, and ${name} follows one.`);
  return { ...common, source, parameter, ...aim };
}
