import { dateTimeSpan, instantSpan } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { openPosition, sealPosition } from '../search/page.ts';
import { readCount } from '../search/parameters.ts';
import { beginning, end, type HistoryFilter, type Place, top } from './history-rows.ts';
import { readShape, type Shape } from './shape.ts';

/** What a history is asked for (FHIR R4 3.1.0.12). */
export interface HistoryQuery {
  readonly count: number;
  readonly filter: HistoryFilter;
  readonly shape: Shape;
  /** The parameters as sent, for the links. */
  readonly asked: string;
  /** A page that goes on, and not the first. */
  readonly paged: boolean;
}

const own = ['_count', '_since', '_at', '_page', '_format', '_pretty', '_summary', '_elements'];

/** PostgreSQL's times and JavaScript's, where both can write them. */
const iso = (at: number): string =>
  new Date(Math.min(Math.max(at, Date.parse(beginning)), Date.parse(end))).toISOString();

/** A `+` that was sent as it is comes as a space. */
const zoned = (text: string | null): string | null => text?.replace(' ', '+') ?? null;

function refuseUnknown(query: URLSearchParams): void {
  if ([...query.keys()].every((name) => own.includes(name))) return;
  throw fault('invalid', `Unknown parameter. Known to history: ${own.join(', ')}`);
}

/** `_since`: an instant; `_at`: a date or dateTime, whose precision says the period. Without a zone it is UTC. */
function readFilter(query: URLSearchParams, before: Place): HistoryFilter {
  const since = zoned(query.get('_since'));
  const at = zoned(query.get('_at'));
  const from = since === null ? undefined : instantSpan(since);
  const period = at === null ? undefined : dateTimeSpan(at);
  if (since !== null && from === undefined) throw fault('invalid', '_since: expected an instant');
  if (at !== null && period === undefined) throw fault('invalid', '_at: expected a date or dateTime');
  return {
    since: from ? iso(Math.ceil(from.start)) : beginning,
    low: period ? iso(period.start) : beginning,
    high: period ? iso(period.end) : end,
    before,
  };
}

/** `scope`: what the history is of, so that a page link serves no other. */
export async function readHistory(
  shelf: Shelf,
  { principal }: Pick<Call, 'principal'>,
  scope: string,
  query: URLSearchParams,
): Promise<HistoryQuery> {
  refuseUnknown(query);
  const page = query.get('_page');
  if (page === null) return parsed(query.toString(), top, false);
  if ([...query.keys()].some((name) => !['_page', '_format', '_pretty'].includes(name))) {
    throw fault('invalid', '_page: a page link stands alone; it holds the whole question');
  }
  const { query: asked, after } = await openPosition(shelf.seal, principal, scope, page);
  const [id = '', version = ''] = (after?.id ?? '').split('/');
  return parsed(asked, { at: after?.at ?? end, id, version: Number(version) }, true);
}

function parsed(asked: string, before: Place, paged: boolean): HistoryQuery {
  const query = new URLSearchParams(asked);
  const filter = readFilter(query, before);
  return { count: readCount(query), filter, shape: readShape(query, ['count']), asked, paged };
}

/** The sealed link to what comes behind a version. */
export const nextPage = (
  shelf: Shelf,
  { principal }: Pick<Call, 'principal'>,
  scope: string,
  asked: string,
  last: Place,
): Promise<string> =>
  sealPosition(shelf.seal, principal, scope, {
    query: asked,
    after: { at: last.at, id: `${last.id}/${last.version}` },
  });
