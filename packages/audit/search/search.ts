import type { RequestContext } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { type Extent, extentOf, within } from '../entitled.ts';
import { eventsAt } from '../event.ts';
import { fhirPath } from '../fhir/answer.ts';
import { shownEvents } from '../fhir/shown.ts';
import type { AuditEvent } from '../fhir/types.ts';
import { numberOf, placeOfId } from '../place.ts';
import type { House } from '../types.ts';
import { type Cursor, openCursor, sealCursor } from './cursor.ts';
import { type FoundEvents, findEvents } from './find-events.ts';
import { answers } from './matches.ts';
import { type AuditQuery, formats, readAuditQuery } from './query.ts';

/** A page of a search, as a Bundle, and what the ledger keeps of it. */
export interface Searched {
  readonly bundle: object;
  readonly patients: readonly string[];
  readonly asked: string;
}

interface Position {
  readonly text: string;
  readonly after?: Cursor['after'];
}

const beside = new Set(['_page', '_count', ...formats]);

/** What is asked: by the query itself, or by the link that holds it. */
async function positionOf(house: House, { query, principal }: RequestContext): Promise<Position> {
  const page = query.get('_page');
  if (page === null) return { text: withoutFormats(query) };
  if ([...query.keys()].some((name) => !beside.has(name))) {
    throw pageAlone();
  }
  const cursor = await openCursor(await house.vault(principal.tenant), page);
  return { text: cursor.query, after: cursor.after };
}

const pageAlone = () => fault('invalid', '_page: a page link stands alone; it holds the whole search');

function withoutFormats(query: URLSearchParams): string {
  const rest = new URLSearchParams(query);
  for (const name of formats) rest.delete(name);
  return rest.toString();
}

/** By ids the ledger is asked straight: an id is a place. */
async function byIds(house: House, tenant: number, query: AuditQuery, ids: readonly string[]): Promise<FoundEvents> {
  const keys = await house.vault(tenant);
  const places = ids.flatMap((id) => {
    const known = placeOfId(keys, id);
    return known?.form === 'event' ? numberOf(known.place) : [];
  });
  const found = await eventsAt(house.ledger, tenant, [...new Set(places)]);
  return { found: found.filter(({ event }) => answers(event, query)), more: false };
}

const linkTo = (base: string, name: string, value: string): string => `${base}/AuditEvent?${name}=${value}`;

/**
 * FHIR R4 3.1.1 search of AuditEvents, newest first. Complete as of its start. Fault `forbidden`: nothing permits it,
 * or it is asked of others than the caller may know of.
 */
export async function searchEvents(house: House, context: RequestContext): Promise<Searched> {
  const { principal } = context;
  const { tenant } = principal;
  const extent = extentOf(house, principal, 'audit-search');
  const base = `${context.base}${fhirPath}`;
  const { text, after } = await positionOf(house, context);
  const asked = readAuditQuery(new URLSearchParams(text), base);
  const query = limited(asked, extent);
  const { found, more } = await lookUp(house, tenant, query, after);
  const showing = { tenant, base, ...(extent.only === undefined ? {} : { only: extent.only }) };
  const events = await shownEvents(
    house,
    showing,
    found.map((one) => ({ ...one, form: 'event' as const })),
  );
  const link = [
    { relation: 'self', url: `${base}/AuditEvent` },
    ...(await nextLink(house, tenant, base, text, { found, more })),
  ];
  return { bundle: bundleOf(base, link, events), patients: query.patients ?? [], asked: nameOf(text) };
}

/** For who may know of some patients: those alone. */
function limited(asked: AuditQuery, extent: Extent): AuditQuery {
  const patients = within(extent, asked.patients);
  const without = extent.without.length === 0 ? {} : { without: extent.without };
  return { ...asked, ...(patients === undefined ? {} : { patients }), ...without };
}

async function lookUp(house: House, tenant: number, query: AuditQuery, after: Cursor['after'] | undefined) {
  if (query.ids !== undefined) return byIds(house, tenant, query, query.ids);
  await house.fresh(tenant);
  return findEvents(house, tenant, query, after, query.count);
}

async function nextLink(house: House, tenant: number, base: string, text: string, { found, more }: FoundEvents) {
  const last = found.at(-1);
  if (!more || last === undefined) return [];
  const cursor = { query: text, after: { at: last.event.at, place: numberOf(last.place) } };
  return [{ relation: 'next', url: linkTo(base, '_page', await sealCursor(await house.vault(tenant), cursor)) }];
}

const nameOf = (text: string): string => {
  const names = [...new Set(new URLSearchParams(text).keys())].filter((name) => !beside.has(name)).sort();
  return names.length === 0 ? 'AuditEvent' : `AuditEvent?${names.join('&')}`;
};

export const bundleOf = (base: string, link: readonly object[], events: readonly AuditEvent[]): object => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link,
  ...(events.length === 0
    ? {}
    : {
        entry: events.map((resource) => ({
          fullUrl: `${base}/AuditEvent/${resource.id}`,
          resource,
          search: { mode: 'match' },
        })),
      }),
});
