import { isResourceType, parseJson } from '@safeguard/fhir';
import type { RequestContext } from '@safeguard/http';
import type { Shelf } from '../call.ts';
import { bodyOf, bodyTypes, formType } from '../negotiate.ts';
import { deleteHistory } from '../operations/purge.ts';
import { byCriteria } from '../verbs/conditional.ts';
import { create } from '../verbs/create.ts';
import { remove } from '../verbs/delete.ts';
import { history } from '../verbs/history.ts';
import { patch } from '../verbs/patch.ts';
import type { Patch } from '../verbs/patched.ts';
import { read } from '../verbs/read.ts';
import { search, searchScope } from '../verbs/search.ts';
import { shaped } from '../verbs/shape.ts';
import { update } from '../verbs/update.ts';
import { vread } from '../verbs/vread.ts';
import { type Line, nothingHere, type Verb } from './answer.ts';

const jsonPatchType = 'application/json-patch+json';
const patchTypes = [jsonPatchType, ...bodyTypes];

/** A JSON Patch, or a FHIRPath Patch in JSON or XML, by its Content-Type. */
function patchOf(context: RequestContext): Patch {
  const type = String(context.headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith(jsonPatchType)) return { kind: 'json', operations: parseJson(context.body) };
  return { kind: 'fhirpath', parameters: bodyOf(context) };
}

/** The search of the URL without what concerns the answer only. */
function criteriaOf({ query }: RequestContext): string {
  const rest = new URLSearchParams(query);
  for (const name of ['_format', '_pretty']) rest.delete(name);
  return rest.toString();
}

export const formAndQuery = ({ body, query }: RequestContext): URLSearchParams =>
  new URLSearchParams([...query, ...new URLSearchParams(body.toString('utf8'))]);

const shapes = { takes: ['_summary', '_elements'] } as const;
const writes = { accepts: bodyTypes, prefers: 'representation' } as const;

/** Interactions with one resource (FHIR R4 3.1.0.1 to 3.1.0.7, 3.1.0.12). */
export const instanceLines = (shelf: Shelf): Line[] => [
  [
    'GET',
    '/:type/:id',
    'read',
    (call, { params, query }, type) => shaped(query, () => read(shelf, call, type, params.id ?? '')),
    shapes,
  ],
  [
    'GET',
    '/:type/:id/_history/:version',
    'vread',
    (call, { params, query }, type) =>
      shaped(query, () => vread(shelf, call, type, params.id ?? '', params.version ?? '')),
    shapes,
  ],
  [
    'PUT',
    '/:type/:id',
    'update',
    (call, context, type) => update(shelf, call, type, context.params.id ?? '', () => bodyOf(context)),
    writes,
  ],
  [
    'PATCH',
    '/:type/:id',
    'patch',
    (call, context, type) => patch(shelf, call, type, context.params.id ?? '', patchOf(context)),
    { ...writes, accepts: patchTypes },
  ],
  ['DELETE', '/:type/:id', 'delete', (call, { params }, type) => remove(shelf, call, type, params.id ?? '')],
  [
    'GET',
    '/:type/:id/_history',
    'history-instance',
    (call, { params, query }, type) => history(shelf, call, { type, id: params.id ?? '' }, query),
    { takes: 'any' },
  ],
  [
    'DELETE',
    '/:type/:id/_history',
    'history-delete',
    (call, { params }, type) => deleteHistory(shelf, call, { type, id: params.id ?? '' }),
  ],
  [
    'DELETE',
    '/:type/:id/_history/:version',
    'history-delete',
    (call, { params }, type) =>
      deleteHistory(shelf, call, { type, id: params.id ?? '', version: params.version ?? '' }),
  ],
];

/** Interactions with a type, the conditional ones among them (3.1.0.8, 3.1.0.4.3, 3.1.0.7.1, 3.1.0.9, 3.1.0.12). */
export const typeLines = (shelf: Shelf): Line[] => [
  ['POST', '/:type', 'create', (call, context, type) => create(shelf, call, type, () => bodyOf(context)), writes],
  [
    'PUT',
    '/:type',
    'update',
    (call, context, type) => {
      const body = (): unknown => bodyOf(context);
      return byCriteria(shelf, call, { action: 'update', method: 'PUT', type, criteria: criteriaOf(context), body });
    },
    { ...writes, takes: 'any' },
  ],
  [
    'PATCH',
    '/:type',
    'patch',
    (call, context, type) => {
      const asked = { action: 'patch', method: 'PATCH', type, criteria: criteriaOf(context) } as const;
      return byCriteria(shelf, call, { ...asked, patch: patchOf(context) });
    },
    { ...writes, accepts: patchTypes, takes: 'any' },
  ],
  [
    'DELETE',
    '/:type',
    'delete',
    (call, context, type) =>
      byCriteria(shelf, call, { action: 'delete', method: 'DELETE', type, criteria: criteriaOf(context) }),
    { takes: 'any' },
  ],
  ['GET', '/:type', 'search-type', (call, { query }, type) => search(shelf, call, type, query), { takes: 'any' }],
  [
    'POST',
    '/:type/_search',
    'search-type',
    (call, context, type) => search(shelf, call, type, formAndQuery(context)),
    { accepts: [formType], takes: 'any' },
  ],
  [
    'GET',
    '/:type/_history',
    'history-type',
    (call, { query }, type) => history(shelf, call, { type }, query),
    { takes: 'any' },
  ],
];

/** A patient's compartment: all of it, or one type in it (3.1.1.1, 2.42). */
const compartmentLines = (shelf: Shelf): Line[] => {
  const ask =
    (queryOf: (context: RequestContext) => URLSearchParams): Verb =>
    (call, context, type) => {
      const { id = '', member = '' } = context.params;
      if (type !== 'Patient' || (member !== '*' && !isResourceType(member))) throw nothingHere();
      const scope = { kind: 'compartment', patient: id, ...(member === '*' ? {} : { type: member }) } as const;
      return searchScope(shelf, call, scope, queryOf(context));
    };
  return [
    ['GET', '/:type/:id/:member', 'search-compartment', ask(({ query }) => query), { takes: 'any' }],
    [
      'POST',
      '/:type/:id/:member/_search',
      'search-compartment',
      ask(formAndQuery),
      { accepts: [formType], takes: 'any' },
    ],
  ];
};

/** Interactions with everything (3.1.0.9, 3.1.0.12); transaction and batch stand apart. */
export const systemLines = (shelf: Shelf): Line[] => [
  [
    'GET',
    '',
    'search-system',
    (call, { query }) => searchScope(shelf, call, { kind: 'system' }, query),
    { takes: 'any' },
  ],
  [
    'POST',
    '/_search',
    'search-system',
    (call, context) => searchScope(shelf, call, { kind: 'system' }, formAndQuery(context)),
    { accepts: [formType], takes: 'any' },
  ],
  ['GET', '/_history', 'history-system', (call, { query }) => history(shelf, call, {}, query), { takes: 'any' }],
  ...compartmentLines(shelf),
];
