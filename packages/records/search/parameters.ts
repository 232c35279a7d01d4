import { fault, isUuid } from '@safeguard/kernel';
import { type IdentifierTest, parseIdentifierTests } from './identifier.ts';

/** The search parameters that are served on every type: the CapabilityStatement is made from this table. */
export const searchTable = [
  { name: '_id', type: 'token', documentation: 'Logical id' },
  {
    name: '_lastUpdated',
    type: 'date',
    documentation: 'When the version was written; prefixes eq ne gt lt ge le sa eb',
  },
  { name: 'identifier', type: 'token', documentation: 'Business identifier: value, system|value, |value or system|' },
] as const;

const controls = ['_count', '_total', '_summary', '_format', '_pretty', '_page'];

/** What a search asks for, read and checked. */
export interface SearchQuery {
  /** Alternatives within, conjunction between. */
  readonly ids: readonly (readonly string[])[];
  readonly identifiers: readonly (readonly IdentifierTest[])[];
  /** Half-open ranges [from, to) of milliseconds; `outside` asks for their complement. */
  readonly updated: readonly Range[];
  readonly count: number;
  readonly total: boolean;
  readonly countOnly: boolean;
  /** Sealed position in the result: see page.ts. */
  readonly page: string | undefined;
}

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly outside?: boolean;
}

const default_count = 50;
const max_count = 1000;

/** `_count`: 0 to 1000, larger values are cut (FHIR R4 3.1.1.5.3). */
export function readCount(query: URLSearchParams): number {
  const text = query.get('_count');
  if (text === null) return default_count;
  if (!/^\d{1,9}$/.test(text)) throw fault('invalid', '_count: expected a whole number, 0 or more');
  return Math.min(Number(text), max_count);
}

function refuseUnknown(query: URLSearchParams): void {
  const known: string[] = [...searchTable.map((row) => row.name), ...controls];
  if ([...query.keys()].every((name) => known.includes(name))) return;
  throw fault('invalid', `Unknown search parameter or modifier. Known here: ${known.join(', ')}`);
}

export function parseSearch(query: URLSearchParams): SearchQuery {
  refuseUnknown(query);
  const summary = query.get('_summary');
  if (summary !== null && summary !== 'count' && summary !== 'false') {
    throw fault('invalid', '_summary: expected count or false');
  }
  const total = query.get('_total');
  if (total !== null && !['none', 'estimate', 'accurate'].includes(total)) {
    throw fault('invalid', '_total: expected none, estimate or accurate');
  }
  const count = readCount(query);
  const countOnly = summary === 'count' || count === 0;
  return {
    ids: query.getAll('_id').map((value) => value.split(',').filter(isUuid)),
    identifiers: query.getAll('identifier').map(parseIdentifierTests),
    updated: query.getAll('_lastUpdated').map(parseUpdated),
    count,
    total: countOnly || (total !== null && total !== 'none'),
    countOnly,
    page: query.get('_page') ?? undefined,
  };
}

const prefixForm = '(eq|ne|gt|lt|ge|le|sa|eb)?';
const timeForm = 'T(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?(Z|[+-]\\d\\d:\\d\\d)?';
const dateForm = new RegExp(`^${prefixForm}(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:${timeForm})?)?)?$`);
const unbounded = { from: Date.UTC(1970, 0, 1), to: Date.UTC(9999, 11, 31) };

/** `_lastUpdated` with an optional prefix; the value stands for the whole range its precision spans (3.1.1.4.7). */
export function parseUpdated(text: string): Range {
  const match = dateForm.exec(text);
  const span = match && spanOf(match);
  if (!match || !span) throw fault('invalid', '_lastUpdated: expected a date or dateTime with an optional prefix');
  switch (match[1]) {
    case 'ne':
      return { ...span, outside: true };
    case 'gt':
    case 'sa':
      return { ...unbounded, from: span.to };
    case 'ge':
      return { ...unbounded, from: span.from };
    case 'lt':
    case 'eb':
      return { ...unbounded, to: span.from };
    case 'le':
      return { ...unbounded, to: span.to };
    default:
      return span;
  }
}

/** [start, end) of a partial date-time; undefined: no such day or time. Without a zone it is UTC. */
function spanOf(match: RegExpExecArray): Range | undefined {
  const [, , year, month, day, hour, minute, second, fraction, zone] = match;
  const millis = fraction === undefined ? '000' : `${fraction}00`.slice(0, 3);
  const time = `${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${millis}${zone ?? 'Z'}`;
  const text = `${year}-${month ?? '01'}-${day ?? '01'}T${time}`;
  const from = Date.parse(text);
  const calendar = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)));
  if (Number.isNaN(from) || calendar.getUTCDate() !== Number(day ?? 1)) return undefined;
  if (month === undefined) return { from, to: Date.UTC(Number(year) + 1, 0, 1) };
  if (day === undefined) return { from, to: Date.UTC(Number(year), Number(month), 1) };
  if (hour === undefined) return { from, to: from + 86_400_000 };
  if (second === undefined) return { from, to: from + 60_000 };
  return { from, to: from + (fraction === undefined ? 1000 : 1) };
}
