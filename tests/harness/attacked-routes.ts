import type { Asked } from './instance.ts';
import { bundle, create, form, type Resource } from './two-tenants.ts';

/** One attack: what is asked with an id, the victim's or one that never was. */
export type Attack = (id: string) => Asked;

/** What is tried on a route, for each resource of a victim; refused (403, 404, 405) unless `served` says otherwise. */
export interface Tried {
  readonly tries: (type: string, body: (id: string) => Resource) => Attack[];
  readonly served?: readonly number[];
}

const base = '/fhir/R4';
const found: Pick<Tried, 'served'> = { served: [200] };
const get = (path: (id: string) => string): Attack => {
  return (id) => ({ path: `${base}/${path(id)}` });
};
const head = (path: (id: string) => string): Attack => {
  return (id) => ({ method: 'HEAD', path: `${base}/${path(id)}` });
};
const post = (path: (id: string) => string, body?: object): Attack => {
  return (id) => ({ method: 'POST', path: `${base}/${path(id)}`, ...(body ? { body } : {}) });
};
const posted = (path: (id: string) => string, query: (id: string) => string): Attack => {
  return (id) => ({ method: 'POST', path: `${base}/${path(id)}`, headers: form, body: query(id) });
};
const parameters = (name: string, value: object): object => ({
  resourceType: 'Parameters',
  parameter: [{ name, ...value }],
});
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const fhirpathPatch = parameters('operation', {
  part: [
    { name: 'type', valueCode: 'delete' },
    { name: 'path', valueString: 'Patient.active' },
  ],
});
const tag = parameters('meta', { valueMeta: { tag: [{ system: 'http://example.org/tags', code: 'mine' }] } });
const conditions = ['W/"1"', 'W/"2"', 'W/"9"'].map((value) => ({ 'if-match': value }));
const entry = (request: object, resource?: object): object => ({ ...(resource ? { resource } : {}), request });
const patchOf = (operations: object[]): object => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const removal = [{ op: 'remove', path: '/text' }];

const reading: Readonly<Record<string, Tried>> = {
  'GET /fhir/R4/:type/:id': {
    tries: (type) => [
      get((id) => `${type}/${id}`),
      head((id) => `${type}/${id}`),
      get((id) => `${type}/${id}?_elements=id`),
      get((id) => `${type}/${id}?_format=xml`),
      (id) => ({ path: `${base}/${type}/${id}`, headers: { 'if-none-match': 'W/"1", W/"2"' } }),
      (id) => ({ path: `${base}/${type}/${id}`, headers: { 'if-modified-since': new Date().toUTCString() } }),
    ],
  },
  'GET /fhir/R4/:type/:id/_history': {
    tries: (type) =>
      ['', '?_count=1', '?_since=2000-01-01T00:00:00Z', '?_at=2030', '?_summary=count'].flatMap((query) => [
        get((id) => `${type}/${id}/_history${query}`),
        head((id) => `${type}/${id}/_history${query}`),
      ]),
  },
  'GET /fhir/R4/:type/:id/_history/:version': {
    tries: (type) => [1, 2, 3].map((version) => get((id) => `${type}/${id}/_history/${version}`)),
  },
  'GET /fhir/R4/:type/_history': { tries: (type) => [get(() => `${type}/_history?_count=1000`)], ...found },
  'GET /fhir/R4/_history': { tries: () => [get(() => '_history?_count=1000')], ...found },
};

const searching: Readonly<Record<string, Tried>> = {
  'GET /fhir/R4/:type': {
    tries: (type) => [
      get((id) => `${type}?_id=${id}&_total=accurate`),
      get((id) => `${type}?_id=${id}&_summary=count`),
      get((id) => `${type}?_id=${id}&_include=*&_revinclude=*`),
      get((id) => `${type}?_filter=${encodeURIComponent(`_id eq ${id}`)}`),
      head((id) => `${type}?_id=${id}`),
    ],
    ...found,
  },
  'POST /fhir/R4/:type/_search': {
    tries: (type) => [
      posted(
        () => `${type}/_search`,
        (id) => `_id=${id}&_total=accurate`,
      ),
    ],
    ...found,
  },
  'GET /fhir/R4': {
    tries: (type) => [
      get((id) => `?_id=${id}&_total=accurate`),
      get((id) => `?_type=${type}&_id=${id}&_summary=count`),
      // References to it, and what it refers to.
      get((id) => `?_type=Observation,Encounter&patient=${id}&_total=accurate`),
      get((id) => `?_type=Provenance,List&_has:Provenance:target:_id=${id}`),
    ],
    served: [200, 400],
  },
  'POST /fhir/R4/_search': {
    tries: () => [
      posted(
        () => '_search',
        (id) => `_id=${id}&_total=accurate`,
      ),
    ],
    ...found,
  },
  'GET /fhir/R4/:type/:id/:member': {
    tries: () =>
      ['*', 'Observation', 'Encounter?_total=accurate', 'Device?_summary=count'].map((member) =>
        get((id) => `Patient/${id}/${member}`),
      ),
    ...found,
  },
  'POST /fhir/R4/:type/:id/:member/_search': {
    tries: () => [
      posted(
        (id) => `Patient/${id}/Observation/_search`,
        () => '_total=accurate',
      ),
    ],
    ...found,
  },
};

const writing: Readonly<Record<string, Tried>> = {
  'PUT /fhir/R4/:type/:id': {
    tries: (type, body) => [
      ...[{}, ...conditions].map(
        (headers): Attack =>
          (id) => ({ method: 'PUT', path: `${base}/${type}/${id}`, headers, body: body(id) }),
      ),
      (id) => bundle('transaction', entry({ method: 'PUT', url: `${type}/${id}` }, body(id))),
    ],
  },
  'PATCH /fhir/R4/:type/:id': {
    tries: (type) => [
      ...[{}, ...conditions].map((headers): Attack => {
        return (id) => {
          const sent = { ...jsonPatch, ...headers };
          return { method: 'PATCH', path: `${base}/${type}/${id}`, headers: sent, body: JSON.stringify(removal) };
        };
      }),
      // A test is a question.
      (id) => ({
        method: 'PATCH',
        path: `${base}/${type}/${id}`,
        headers: jsonPatch,
        body: JSON.stringify([{ op: 'test', path: '/id', value: id }]),
      }),
      (id) => ({ method: 'PATCH', path: `${base}/${type}/${id}`, body: fhirpathPatch }),
      (id) => bundle('transaction', entry({ method: 'PATCH', url: `${type}/${id}` }, patchOf(removal))),
    ],
  },
  'DELETE /fhir/R4/:type/:id': {
    tries: (type) => [
      ...[{}, ...conditions].map((headers): Attack => {
        return (id) => ({ method: 'DELETE', path: `${base}/${type}/${id}`, headers });
      }),
      (id) => bundle('transaction', entry({ method: 'DELETE', url: `${type}/${id}` })),
    ],
  },
  'POST /fhir/R4/:type': {
    tries: () => [
      (id) => create({ resourceType: 'Basic', id, code: { text: 'x' } }),
      (id) => create({ resourceType: 'Basic', code: { text: 'x' } }, { 'if-none-exist': `_id=${id}` }),
      (id) => create({ resourceType: 'Basic', code: { text: 'x' }, subject: { reference: `Patient/${id}` } }),
    ],
    served: [201],
  },
};

const conditionally: Readonly<Record<string, Tried>> = {
  'PUT /fhir/R4/:type': {
    tries: (type, body) => [
      (id) => ({ method: 'PUT', path: `${base}/${type}?_id=${id}`, body: body(id) }),
      (id) => ({
        method: 'PUT',
        path: `${base}/Basic?_id=${id}`,
        body: { resourceType: 'Basic', code: { text: 'x' } },
      }),
      (id) => bundle('transaction', entry({ method: 'PUT', url: `${type}?_id=${id}` }, body(id))),
    ],
    served: [201],
  },
  'PATCH /fhir/R4/:type': {
    tries: (type) => [
      (id) => ({
        method: 'PATCH',
        path: `${base}/${type}?_id=${id}`,
        headers: jsonPatch,
        body: JSON.stringify(removal),
      }),
      (id) => bundle('transaction', entry({ method: 'PATCH', url: `${type}?_id=${id}` }, patchOf(removal))),
    ],
  },
  'DELETE /fhir/R4/:type': {
    tries: (type) => [
      (id) => ({ method: 'DELETE', path: `${base}/${type}?_id=${id}` }),
      (id) => bundle('transaction', entry({ method: 'DELETE', url: `${type}?_id=${id}` })),
    ],
    // Nothing matches, nothing is deleted.
    served: [200, 204],
  },
  'POST /fhir/R4': {
    tries: (type, body) => [
      (id) =>
        bundle(
          'batch',
          ...['', '/_history', '/_history/1'].map((of) => entry({ method: 'GET', url: `${type}/${id}${of}` })),
          entry({ method: 'GET', url: `${type}?_id=${id}` }),
          entry({ method: 'PUT', url: `${type}/${id}`, ifMatch: 'W/"1"' }, body(id)),
          entry({ method: 'PATCH', url: `${type}/${id}` }, patchOf(removal)),
          entry({ method: 'DELETE', url: `${type}/${id}` }),
        ),
      (id) => bundle('transaction', entry({ method: 'GET', url: `${type}/${id}` })),
    ],
    ...found,
  },
};

const operations: Readonly<Record<string, Tried>> = {
  'GET /fhir/R4/$meta': { tries: () => [get(() => '$meta')], ...found },
  'POST /fhir/R4/$meta': { tries: () => [post(() => '$meta')], ...found },
  'GET /fhir/R4/:type/$meta': { tries: (type) => [get(() => `${type}/$meta`)], ...found },
  'POST /fhir/R4/:type/$meta': { tries: (type) => [post(() => `${type}/$meta`)], ...found },
  'GET /fhir/R4/:type/:id/$meta': { tries: (type) => [get((id) => `${type}/${id}/$meta`)] },
  'POST /fhir/R4/:type/:id/$meta': { tries: (type) => [post((id) => `${type}/${id}/$meta`)] },
  'GET /fhir/R4/:type/:id/_history/:version/$meta': {
    tries: (type) => [get((id) => `${type}/${id}/_history/1/$meta`)],
  },
  'POST /fhir/R4/:type/:id/_history/:version/$meta': {
    tries: (type) => [post((id) => `${type}/${id}/_history/1/$meta`)],
  },
  ...Object.fromEntries(
    ['$meta-add', '$meta-delete'].flatMap((name): [string, Tried][] => [
      [`POST /fhir/R4/:type/:id/${name}`, { tries: (type) => [post((id) => `${type}/${id}/${name}`, tag)] }],
      [
        `POST /fhir/R4/:type/:id/_history/:version/${name}`,
        { tries: (type) => [post((id) => `${type}/${id}/_history/1/${name}`, tag)] },
      ],
    ]),
  ),
  'POST /fhir/R4/:type/$validate': {
    tries: (type, body) => [
      (id) => ({ method: 'POST', path: `${base}/${type}/$validate?mode=update`, body: body(id) }),
      (id) => ({
        method: 'POST',
        path: `${base}/Basic/$validate`,
        body: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: `Patient/${id}` } },
      }),
    ],
    ...found,
  },
  'GET /fhir/R4/:type/:id/$validate': { tries: (type) => [get((id) => `${type}/${id}/$validate`)] },
  'POST /fhir/R4/:type/:id/$validate': {
    tries: (type) => [
      post((id) => `${type}/${id}/$validate?mode=delete`),
      (id) => ({ method: 'POST', path: `${base}/${type}/${id}/$validate`, body: { resourceType: type, id } }),
    ],
  },
  'GET /fhir/R4/:type/:id/$everything': {
    tries: () => [get((id) => `Patient/${id}/$everything`), get((id) => `Patient/${id}/$everything?_count=1`)],
  },
  'POST /fhir/R4/:type/:id/$everything': { tries: () => [post((id) => `Patient/${id}/$everything`)] },
  'GET /fhir/R4/:type/$lastn': {
    tries: () => [get((id) => `Observation/$lastn?patient=${id}&category=vital-signs,`), lastnOf],
    served: [200, 400],
  },
  'POST /fhir/R4/:type/$lastn': {
    tries: () => [
      (id) => ({
        method: 'POST',
        path: `${base}/Observation/$lastn`,
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'patient', valueString: id },
            { name: 'code', valueString: '8867-4' },
          ],
        },
      }),
    ],
    ...found,
  },
};

const lastnOf: Attack = get((id) => `Observation/$lastn?subject=Patient/${id}&code=8867-4&max=99`);

/** With the permissions beside scopes, which the thief holds in a house of its own. */
const permitted: Readonly<Record<string, Tried>> = {
  'POST /fhir/R4/:type/:id/$purge': { tries: () => [post((id) => `Patient/${id}/$purge`)] },
  'DELETE /fhir/R4/:type/:id/_history': {
    tries: (type) => [(id) => ({ method: 'DELETE', path: `${base}/${type}/${id}/_history` })],
  },
  'DELETE /fhir/R4/:type/:id/_history/:version': {
    tries: (type) => [(id) => ({ method: 'DELETE', path: `${base}/${type}/${id}/_history/1` })],
  },
  'POST /fhir/R4/$reindex': { tries: () => [] },
  'POST /fhir/R4/:type/$reindex': { tries: () => [] },
  'GET /fhir/R4/$reindex-status': { tries: () => [] },
};

/** By route, what is tried with the ids of a victim. */
export const attacks: Readonly<Record<string, Tried>> = {
  ...reading,
  ...searching,
  ...writing,
  ...conditionally,
  ...operations,
  ...permitted,
};

/** Routes that hold nothing of any tenant. */
export const impersonal: readonly string[] = ['GET /fhir/R4/metadata', 'GET /fhir/R4/.well-known/smart-configuration'];
