import { isResourceType, validate } from '@safeguard/fhir';
import { fault, type Issue, type JsonObject } from '@safeguard/kernel';
import type { Call } from '../call.ts';
import { type Patch, patchOfEntry } from '../verbs/patched.ts';

/** One entry of a batch or transaction, read and checked but not yet done. */
export interface Entry {
  readonly index: number;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The interaction, as the guard and the ledger name it. */
  readonly action: string;
  readonly type: string;
  readonly id?: string;
  readonly version?: string;
  readonly query: URLSearchParams;
  /** The search that names what to update, patch or delete, as sent. */
  readonly criteria?: string;
  readonly fullUrl?: string;
  readonly resource?: JsonObject;
  readonly patch?: Patch;
  readonly conditions: Call['conditions'];
}

export const max_entries = 30_000;

const at = (index: number, rest = ''): string => `Bundle.entry[${index}]${rest}`;

const bad = (index: number, element: string, text: string): Issue => ({
  severity: 'error',
  code: 'value',
  text,
  at: at(index, element),
});

/** Reads a bundle that was sent to the base. Fault `invalid` with every finding; nothing is done yet. */
export function planBundle(body: unknown, base: string): { type: 'batch' | 'transaction'; entries: Entry[] } {
  const bundle = body as JsonObject;
  const { type } = checkShape(bundle);
  const rows = (bundle.entry ?? []) as JsonObject[];
  if (rows.length > max_entries) throw fault('tooLarge', `A bundle may have ${max_entries} entries`);
  const issues: Issue[] = [];
  const entries = rows.flatMap((row, index) => {
    const entry = planEntry(row, index, base);
    if ('severity' in entry) issues.push(entry);
    return 'severity' in entry ? [] : [entry];
  });
  if (issues.length > 0) throw fault('invalid', 'The bundle has entries that cannot be done', { issues });
  return { type, entries };
}

/** Validates the bundle apart from its resources: those are validated entry by entry. */
function checkShape(bundle: JsonObject): { type: 'batch' | 'transaction' } {
  const rows = Array.isArray(bundle?.entry) ? (bundle.entry as unknown[]) : undefined;
  const shell = rows ? { ...bundle, entry: rows.map(withoutResource) } : bundle;
  const issues = validate(shell, { type: 'Bundle' });
  if (issues.length > 0) throw fault('invalid', 'The body is not a valid Bundle', { issues });
  if (bundle.type === 'batch' || bundle.type === 'transaction') return { type: bundle.type };
  throw fault('invalid', 'Bundle.type: expected batch or transaction');
}

function withoutResource(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  const { resource: _resource, ...rest } = row as JsonObject;
  return rest;
}

interface RequestElement {
  readonly method: string;
  readonly url: string;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifNoneExist?: string;
  readonly ifModifiedSince?: string;
}

function planEntry(row: JsonObject, index: number, base: string): Entry | Issue {
  const request = row.request as RequestElement | undefined;
  if (request === undefined) return bad(index, '.request', 'Expected a request in every entry');
  const url = parseUrl(request.url, base);
  const action = url && actionOf(request.method, url);
  if (url === undefined || action === undefined) {
    return bad(index, '.request.url', 'Expected a method and a URL that are served: Type, Type/id, Type?search …');
  }
  const resource = row.resource as JsonObject | undefined;
  const carries = action === 'create' || action === 'update' || action === 'patch';
  if (carries && (typeof resource !== 'object' || resource === null)) {
    return bad(index, '.resource', 'Expected a resource to write');
  }
  const patch = action === 'patch' ? patchOfEntry(resource) : undefined;
  if (action === 'patch' && patch === undefined) {
    return bad(index, '.resource', 'Expected a Binary of application/json-patch+json, or a Parameters resource');
  }
  const { search, history: _history, ...place } = url;
  const byCriteria = place.id === undefined && (action === 'update' || action === 'patch' || action === 'delete');
  return {
    index,
    method: request.method as Entry['method'],
    action,
    ...place,
    ...(byCriteria ? { criteria: search } : {}),
    ...(typeof row.fullUrl === 'string' ? { fullUrl: row.fullUrl } : {}),
    ...(resource && (action === 'create' || action === 'update') ? { resource } : {}),
    ...(patch ? { patch } : {}),
    conditions: {
      'if-match': request.ifMatch,
      'if-none-match': request.ifNoneMatch,
      'if-none-exist': request.ifNoneExist,
      'if-modified-since': request.ifModifiedSince,
    },
  };
}

type Url = Pick<Entry, 'type' | 'id' | 'version' | 'query'> & { readonly history: boolean; readonly search: string };

/**
 * `Type`, `Type/_history`, `Type/id`, `Type/id/_history`, `Type/id/_history/1`, each with a query; relative or under
 * our own base.
 */
function parseUrl(text: string, base: string): Url | undefined {
  const relative = (text.startsWith(`${base}/`) ? text.slice(base.length) : text).replace(/^\//, '');
  const mark = relative.indexOf('?');
  const [path, search] = mark < 0 ? [relative, ''] : [relative.slice(0, mark), relative.slice(mark + 1)];
  const [type = '', second, third, version, ...more] = path.split('/');
  if (!isResourceType(type) || more.length > 0) return undefined;
  const ofType = second === '_history';
  if (ofType ? third !== undefined : third !== undefined && third !== '_history') return undefined;
  return {
    type,
    ...(second && !ofType ? { id: second } : {}),
    ...(version ? { version } : {}),
    history: ofType || third !== undefined,
    query: new URLSearchParams(search),
    search,
  };
}

/** The method with an id, or with a search that names one (a conditional interaction). */
const changes = new Map([
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

function actionOf(method: string, { id, version, history, query }: Url): string | undefined {
  if (method === 'POST') return id === undefined && query.size === 0 && !history ? 'create' : undefined;
  const change = changes.get(method);
  if (change !== undefined) return !history && (id === undefined) === query.size > 0 ? change : undefined;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (version !== undefined) return 'vread';
  if (history) return id === undefined ? 'history-type' : 'history-instance';
  return id === undefined ? 'search-type' : 'read';
}
