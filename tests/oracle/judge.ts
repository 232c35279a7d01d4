import { createRequire } from 'node:module';
import { searchParameters } from '@safeguard/fhir';
import type { Alternative, Clause, IdAt, Query } from './queries.ts';
import type { Any } from './world.ts';

const require = createRequire(import.meta.url);
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

/** A plain evaluation of searches in memory: FHIRPath by fhirpath.js, and FHIR R4 3.1.1 read literally. */
export interface Oracle {
  readonly idAt: IdAt;
  /** The ids of the resources that answer. */
  answer(query: Query): Set<string>;
  /** The least value (ascending) or the greatest (descending) that a resource is sorted by; undefined: none. */
  sortKey(id: string, sort: NonNullable<Query['sort']>): string | number | undefined;
}

/** Own reading of a date's span: [from, to) in milliseconds. */
export function spanOf(text: string): [number, number] {
  const [, year = '', month, day, hour, , second, fraction, zone] =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/.exec(text) ?? [];
  if (month === undefined) return [Date.UTC(+year, 0), Date.UTC(+year + 1, 0)];
  if (day === undefined) return [Date.UTC(+year, +month - 1), Date.UTC(+year, +month)];
  if (hour === undefined) return [Date.UTC(+year, +month - 1, +day), Date.UTC(+year, +month - 1, +day + 1)];
  const from = Date.parse(`${text.slice(0, 16)}:${second ?? '00'}${fraction ? `.${fraction}` : ''}${zone ?? 'Z'}`);
  const width = second === undefined ? 60_000 : fraction === undefined ? 1000 : 10 ** (3 - fraction.length);
  return [from, from + Math.max(width, 1)];
}

const dateSpan = (value: Any): [number, number] => {
  if (typeof value === 'string') return spanOf(value);
  const from = value.start === undefined ? Number.NEGATIVE_INFINITY : spanOf(value.start)[0];
  const to = value.end === undefined ? Number.POSITIVE_INFINITY : spanOf(value.end)[1];
  return [from, to];
};

function dateFits(prefix: string, [low, high]: [number, number], [from, to]: [number, number]): boolean {
  const within = from <= low && high <= to;
  switch (prefix) {
    case 'ne':
      return !within;
    case 'gt':
      return high > to;
    case 'lt':
      return low < from;
    case 'ge':
      return high > to || within;
    case 'le':
      return low < from || within;
    case 'sa':
      return low >= to;
    case 'eb':
      return high <= from;
    default:
      return within;
  }
}

/** Half a unit of the last written digit on both sides. */
function numberFits(prefix: string, value: number, text: string, scale = 1): boolean {
  const asked = Number(text) * scale;
  const digits = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  const half = 0.5 * 10 ** -digits * scale;
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  const within =
    (value > asked - half || close(value, asked - half)) && value < asked + half && !close(value, asked + half);
  const same = close(value, asked);
  switch (prefix) {
    case 'ne':
      return !within;
    case 'gt':
    case 'sa':
      return value > asked && !same;
    case 'lt':
    case 'eb':
      return value < asked && !same;
    case 'ge':
      return value > asked || same;
    case 'le':
      return value < asked || same;
    default:
      return within;
  }
}

const ucum = 'http://unitsofmeasure.org';
const grams: Readonly<Record<string, number>> = { mg: 0.001, g: 1, kg: 1000 };

function quantityFits(value: Any, one: Extract<Alternative, { kind: 'ordered' }>): boolean {
  const { prefix, text, unit, ucum: systemic } = one;
  if (!unit) return numberFits(prefix, value.value, text);
  if (systemic) {
    if (value.system !== ucum) return false;
    return numberFits(prefix, value.value * (grams[value.code] ?? Number.NaN), text, grams[unit]);
  }
  return (value.code === unit || value.unit === unit) && numberFits(prefix, value.value, text);
}

const folded = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();

interface Token {
  readonly system: string | undefined;
  readonly code: string | undefined;
}

function tokensOf(value: Any, parameter: string): Token[] {
  if (typeof value !== 'object') return [{ system: undefined, code: String(value) }];
  if (Array.isArray(value.coding)) return value.coding.map(({ system, code }: Any) => ({ system, code }));
  if (parameter === 'phone' || parameter === 'telecom') return [{ system: undefined, code: value.value }];
  if ('value' in value) return [{ system: value.system, code: value.value }];
  return 'code' in value || 'system' in value ? [{ system: value.system, code: value.code }] : [];
}

const textsOf = (value: Any): string[] =>
  typeof value === 'object'
    ? [value.text, value.type?.text, value.display, ...(value.coding ?? []).map((one: Any) => one.display)].filter(
        Boolean,
      )
    : [];

const tokenFits = ({ system, code }: Token, asked: Extract<Alternative, { kind: 'token' }>): boolean =>
  (asked.system === undefined || (asked.system === '' ? system === undefined : asked.system === system)) &&
  (asked.code === undefined || asked.code === code);

const stringsOf = (value: Any): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.values(value)
        .flat()
        .filter((one): one is string => typeof one === 'string');

const stringFits = (value: string, asked: string, modifier?: string): boolean => {
  if (modifier === 'exact') return value === asked;
  if (modifier === 'contains') return folded(value).includes(folded(asked));
  return folded(value).startsWith(folded(asked));
};

const uriFits = (value: string, asked: string, modifier?: string): boolean => {
  if (modifier === 'below') return value === asked || value.startsWith(asked.endsWith('/') ? asked : `${asked}/`);
  if (modifier === 'above') return asked === value || asked.startsWith(value.endsWith('/') ? value : `${value}/`);
  return value === asked;
};

const kinds = new Map<string, string>();

export function createOracle(resources: readonly Any[]): Oracle {
  const byId = new Map<string, Any>(resources.map((one) => [one.id, one]));
  const byType = new Map<string, Any[]>();
  for (const one of resources) byType.set(one.resourceType, [...(byType.get(one.resourceType) ?? []), one]);
  const idAt: IdAt = (type, index) => {
    const list = type === '' ? resources : (byType.get(type) ?? []);
    return list[index % list.length]?.id;
  };
  const compiled = new Map<string, (resource: Any) => Any[]>();
  const values = new Map<Any, Map<string, Any[]>>();

  const evaluator = (type: string, code: string): ((resource: Any) => Any[]) => {
    const key = `${type} ${code}`;
    let made = compiled.get(key);
    if (made === undefined) {
      const parameter = searchParameters(type).find((one) => one.code === code);
      if (parameter?.expression === undefined) throw new Error(`no expression of ${key}`);
      kinds.set(key, parameter.type);
      const parts = parameter.expression
        .split('|')
        .map((part) => part.trim())
        .filter((part) => new RegExp(`^\\(*(${type}|Resource)\\b`).test(part));
      const target = /resolve\(\) is (\w+)/.exec(parts.join())?.[1];
      const text = parts.map((part) => part.replace(/\.where\(resolve\(\) is \w+\)/, '')).join(' | ');
      const run = fhirpath.compile(text, r4);
      made = (resource) => {
        const found = run(resource) as Any[];
        return target === undefined ? found : found.filter((one) => String(one.reference).startsWith(`${target}/`));
      };
      compiled.set(key, made);
    }
    return made;
  };
  const valuesOf = (resource: Any, code: string): Any[] => {
    const known = values.get(resource) ?? new Map<string, Any[]>();
    values.set(resource, known);
    let found = known.get(code);
    if (found === undefined) {
      found = evaluator(resource.resourceType, code)(resource);
      known.set(code, found);
    }
    return found;
  };
  const kindOf = (type: string, code: string): string => {
    evaluator(type, code);
    return kinds.get(`${type} ${code}`) ?? '';
  };

  function valueFits(kind: string, code: string, value: Any, one: Alternative, modifier?: string): boolean {
    if (one.kind === 'token') return tokensOf(value, code).some((token) => tokenFits(token, one));
    if (one.kind === 'reference') return value.reference === `${one.type}/${idAt(one.type, one.index)}`;
    if (one.kind === 'ordered') {
      if (kind === 'date') return dateFits(one.prefix, dateSpan(value), spanOf(one.text));
      return kind === 'number' ? numberFits(one.prefix, Number(value), one.text) : quantityFits(value, one);
    }
    if (one.kind !== 'text') throw new Error('not an alternative of a value');
    if (modifier === 'text') return textsOf(value).some((text) => stringFits(text, one.text));
    if (kind === 'uri') return uriFits(value, one.text, modifier);
    return stringsOf(value).some((text) => stringFits(text, one.text, modifier));
  }

  function parameterFits(resource: Any, { code, modifier, any }: Extract<Clause, { kind: 'parameter' }>): boolean {
    const type = resource.resourceType;
    const [first] = any;
    if (first?.kind === 'pair') {
      const [left, right] = first.parts;
      const fits = (name: string, one: Alternative): boolean =>
        valuesOf(resource, name).some((value) => valueFits(kindOf(type, name), name, value, one));
      return fits('code', left) && fits('value-quantity', right);
    }
    const found = valuesOf(resource, code);
    if (first?.kind === 'flag') return (found.length === 0) === first.value;
    const kind = kindOf(type, code);
    const fits = found.some((value) => any.some((one) => valueFits(kind, code, value, one, modifier)));
    return modifier === 'not' ? !fits : fits;
  }

  const memo = new Map<Clause, Map<string, boolean>>();
  function fits(resource: Any, one: Clause): boolean {
    const known = memo.get(one) ?? new Map<string, boolean>();
    memo.set(one, known);
    let result = known.get(resource.id);
    if (result === undefined) {
      result = judge(resource, one);
      known.set(resource.id, result);
    }
    return result;
  }
  const leads = (resource: Any, code: string): string[] =>
    valuesOf(resource, code).flatMap((one) => (typeof one.reference === 'string' ? [one.reference] : []));

  function judge(resource: Any, one: Clause): boolean {
    switch (one.kind) {
      case 'ids':
        return one.indexes.some((index) => idAt('', index) === resource.id);
      case 'parameter':
        return parameterFits(resource, one);
      case 'chain':
        return leads(resource, one.code).some((reference) => {
          const [type, id = ''] = reference.split('/');
          const target = byId.get(id);
          return type === one.target && target !== undefined && fits(target, one.clause);
        });
      case 'has': {
        const here = `${resource.resourceType}/${resource.id}`;
        return (byType.get(one.source) ?? []).some(
          (source) => leads(source, one.code).includes(here) && fits(source, one.clause),
        );
      }
    }
  }

  return {
    idAt,
    answer({ type, all }) {
      memo.clear();
      const found = (byType.get(type) ?? []).filter((resource) => all.every((one) => fits(resource, one)));
      return new Set(found.map(({ id }) => id));
    },
    sortKey(id, { code, descending }) {
      if (code === '_id') return id;
      const resource = byId.get(id);
      const kind = kindOf(resource.resourceType, code);
      const keys = valuesOf(resource, code).flatMap((value): (string | number)[] =>
        kind === 'date' ? [dateSpan(value)[descending ? 1 : 0]] : stringsOf(value).map(folded),
      );
      return keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).at(descending ? -1 : 0);
    },
  };
}
