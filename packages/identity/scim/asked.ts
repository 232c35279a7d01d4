import { type Answer, isKnown, type RequestContext, readJson, type Target } from '@safeguard/http';
import { mostListed } from './discovery.ts';
import { noResource, scimFault } from './fault.ts';
import { parseFilter } from './filter.ts';
import type { Resource } from './match.ts';
import { namesOf, type Selection } from './select.ts';
import { isPlainObject } from './values.ts';

export const prefix = '/scim/v2';
export const scimType = 'application/scim+json; charset=utf-8';
/** What directories send; Okta sends plain JSON. */
export const bodyTypes = ['application/scim+json', 'application/json'];

export const baseOf = ({ base }: RequestContext): string => `${base}${prefix}`;

/** The body as JSON. Fault `invalidSyntax`. */
export function bodyOf({ body }: RequestContext): unknown {
  try {
    return readJson(body);
  } catch {
    throw scimFault('invalidSyntax', 'The body is not JSON in UTF-8.');
  }
}

export const selectionOf = ({ query }: RequestContext): Selection => ({
  attributes: namesOf(query.get('attributes')),
  excluded: namesOf(query.get('excludedAttributes')),
});

/** What a list is asked for, in the query or in the body of a `.search` (RFC 7644 3.4.3). */
export interface Search extends Selection {
  readonly filter: ReturnType<typeof parseFilter> | undefined;
  /** From 1. */
  readonly startIndex: number;
  readonly count: number;
}

/** Less than 1 counts as 1, as the RFC has it (3.4.2.4); what is no number is an error. */
function whole(value: unknown, preset: number, least: number): number {
  if (value === undefined || value === null || value === '') return preset;
  const text = String(value);
  if (!/^-?\d{1,9}$/.test(text)) throw scimFault('invalidValue', 'startIndex and count are whole numbers.');
  return Math.max(least, Number(text));
}

function filterOf(value: unknown): Search['filter'] {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw scimFault('invalidFilter', 'A filter is a text.');
  return parseFilter(value);
}

const window = (from: { startIndex: unknown; count: unknown }) => ({
  startIndex: whole(from.startIndex, 1, 1),
  count: Math.min(whole(from.count, mostListed, 0), mostListed),
});

export const searchOf = (context: RequestContext): Search => ({
  ...selectionOf(context),
  filter: filterOf(context.query.get('filter')),
  ...window({ startIndex: context.query.get('startIndex'), count: context.query.get('count') }),
});

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, 60) : [];

export function searchOfBody(context: RequestContext): Search {
  const body = bodyOf(context);
  if (!isPlainObject(body)) throw scimFault('invalidSyntax', 'Expected a JSON object.');
  return {
    attributes: texts(body['attributes']),
    excluded: texts(body['excludedAttributes']),
    filter: filterOf(body['filter']),
    ...window({ startIndex: body['startIndex'], count: body['count'] }),
  };
}

/** The member of a fixed list that the path names. */
export function memberOf(found: ReadonlyMap<string, Resource>, id: string | undefined): Resource {
  const one = found.get(id ?? '');
  if (one === undefined) throw noResource();
  return one;
}

export const answer = (status: 200 | 201, body: Resource, headers: Record<string, string> = {}): Answer => ({
  status,
  type: scimType,
  headers,
  body: JSON.stringify(body),
});

export const versionOf = (resource: Resource): string =>
  isPlainObject(resource['meta']) ? String(resource['meta']['version'] ?? '') : '';

/** A resource, or 304 for who has it; `whole` is what its entity tag is of. */
export function resourceAnswer(
  context: RequestContext,
  whole: Resource,
  shown: Resource,
  { status = 200, targets = [] }: { status?: 200 | 201; targets?: readonly Target[] } = {},
): Answer {
  const version = versionOf(whole);
  const location = isPlainObject(whole['meta']) ? String(whole['meta']['location'] ?? '') : '';
  if (context.method === 'GET' && isKnown(context, version))
    return { status: 304, headers: { ETag: version }, targets };
  const headers = { ETag: version, ...(status === 201 ? { Location: location } : {}) };
  return { ...answer(status, shown, headers), targets };
}
