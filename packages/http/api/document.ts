import { z } from 'zod';
import type { Route } from '../types.ts';
import { apiPrefix, type Operation, type Param, paramOf, wordForm } from './operation.ts';
import { named } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const titles: Readonly<Record<number, string>> = {
  400: 'What was sent is not as described',
  401: 'No valid credentials, or a factor has to be shown again',
  403: 'The caller may not do this',
  404: 'There is none in the caller’s tenant',
  409: 'The state does not allow it, or it is taken',
  412: 'It was changed since it was read',
  410: 'It has ended',
  413: 'The body is too large',
  415: 'The body is of another type',
  422: 'What was sent is as described, and still cannot be done',
  429: 'Too many',
  503: 'A part that this needs does not answer',
};
const fine: Readonly<Record<number, string>> = { 200: 'Done', 201: 'Made', 202: 'Taken up', 204: 'Done' };

const reference = (id: string): string => `#/components/schemas/${id}`;
const refOf = (id: string): Json => ({ $ref: reference(id) });

/** What JSON Schema needs to stand alone and OpenAPI does not. */
function bare(schema: Json): Json {
  const { $schema: _, $id: __, ...rest } = schema;
  return rest;
}

/** A schema with a name is a component; any other stands where it is used. */
function schemaOf(schema: z.ZodType): Json {
  const name = named.get(schema)?.id;
  return name === undefined ? bare(z.toJSONSchema(schema, { io: 'input' })) : refOf(name);
}

/** In the order of their names: the document is compared byte by byte. */
function components(): Json {
  const { schemas } = z.toJSONSchema(named, { io: 'input', uri: reference });
  const sorted = Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, schema]) => [name, bare(schema as Json)]));
}

const pathOf = (path: string): string => `${apiPrefix}${path.replaceAll(/:(\w+)/g, '{$1}')}`;

const paramSchemas: Readonly<Record<Param['form'], Json>> = {
  uuid: { type: 'string', format: 'uuid' },
  number: { type: 'integer', minimum: 0, maximum: 999_999_999 },
  word: { type: 'string', pattern: wordForm.source },
};

function parameters({ params = {}, query }: Operation): Json[] {
  const inPath = Object.entries(params).map(([name, given]) => ({
    name,
    in: 'path',
    required: true,
    schema: paramSchemas[paramOf(given).form],
  }));
  const { properties = {} } = query === undefined ? {} : (z.toJSONSchema(query, { io: 'input' }) as Json);
  const inQuery = Object.entries(properties as Record<string, Json>).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    schema,
  }));
  return [...inPath, ...inQuery];
}

const content = (type: string, schema: Json): Json => ({ [type]: { schema } });

const refusal = (status: number): [string, Json] => [
  String(status),
  { description: titles[status] ?? 'Refused', content: content('application/problem+json', refOf('Problem')) },
];

function refusals({ params, query, body, problems = [] }: Operation): number[] {
  const sent = query === undefined && body === undefined ? [] : [400];
  const bodies = body === undefined ? [] : [413, 415];
  return [...sent, 401, 403, ...(params === undefined ? [] : [404]), ...problems, ...bodies].sort((a, b) => a - b);
}

const answers = ({ files = [] }: Operation, answer: z.ZodType): Json => ({
  ...content('application/json', schemaOf(answer)),
  ...Object.fromEntries(files.map((type) => [type, {}])),
});

const answered = (one: Operation, status: number): Json => ({
  description: fine[status],
  ...(one.answer === undefined ? {} : { content: answers(one, one.answer) }),
});

const responses = (one: Operation): Json => ({
  [one.status]: answered(one, one.status),
  ...(one.also === undefined ? {} : { [one.also]: answered(one, one.also) }),
  ...Object.fromEntries(refusals(one).map(refusal)),
});

/** `POST /accounts/:id/links` → `link-make`; two that share an action differ by their path. */
function operationId({ action, path, name }: Operation, all: readonly Operation[]): string {
  if (name !== undefined) return name;
  const twins = all.filter((other) => other.action === action && other.name === undefined);
  if (twins.length === 1) return action;
  const shortest = twins.reduce((left, right) => (left.path.length <= right.path.length ? left : right));
  return path === shortest.path ? `${action}-all` : action;
}

function describe(one: Operation, all: readonly Operation[]): Json {
  const asked = parameters(one);
  const notes = [
    one.description,
    one.dangerous === true ? 'Asks a person for a factor that was shown within the last 5 minutes.' : undefined,
  ].filter((note) => note !== undefined);
  return {
    operationId: operationId(one, all),
    summary: one.summary,
    ...(notes.length === 0 ? {} : { description: notes.join(' ') }),
    tags: [one.self === true ? 'Self' : one.type],
    ...(asked.length === 0 ? {} : { parameters: asked }),
    ...(one.body === undefined
      ? {}
      : { requestBody: { required: true, content: content('application/json', schemaOf(one.body)) } }),
    responses: responses(one),
    security: [{ session: [] }, ...(one.scope === undefined ? [] : [{ oauth: [one.scope] }])],
  };
}

function paths(operations: readonly Operation[]): Json {
  const byPath = Map.groupBy(operations, ({ path }) => pathOf(path));
  return Object.fromEntries(
    [...byPath].map(([path, found]) => [
      path,
      Object.fromEntries(found.map((one) => [one.method.toLowerCase(), describe(one, operations)])),
    ]),
  );
}

const scopes = {
  'safeguard/accounts': 'Accounts, links, sessions, groups, providers and branding of the tenant',
  'safeguard/clients': 'Clients of the tenant, applications and invitations to register',
  'safeguard/access': 'Requests, grants, policies and reviews: a program reads them, an app of a person acts too',
  'safeguard/launch': 'SMART EHR launches',
  'safeguard/programme': 'The compliance programme: a program reads it and runs checks, an app of a person acts too',
};

/** The OpenAPI 3.1 document of the operations, for a server at `base`. */
export function documentOf(operations: readonly Operation[], base: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Safeguard API',
      version: '1',
      description:
        'Accounts, clients, access and settings of one tenant: the caller’s own. Errors are problems (RFC 9457). ' +
        'Fields that are not described here are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: base }],
    paths: paths(operations),
    components: {
      schemas: components(),
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-safeguard',
          description: 'Somebody signed in at the pages.',
        },
        oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `${base}/oauth2/token`, scopes } } },
      },
    },
  };
}

/** The description is no secret: it stands in the repository. */
export function documentRoute(operations: readonly Operation[]): Route {
  // Anyone may ask, so it is made once: a server has one base.
  let made: { readonly base: string; readonly body: string } | undefined;
  return {
    method: 'GET',
    path: `${apiPrefix}/openapi.json`,
    action: 'api-describe',
    auth: 'none',
    errors: 'problem',
    handle({ base }) {
      if (made?.base !== base) made = { base, body: JSON.stringify(documentOf(operations, base)) };
      return { status: 200, type: 'application/json', body: made.body };
    },
  };
}

/** Operations to be described and never run: what they would need is not there. */
export function onlyDescribed(operationsOf: (deps: never) => readonly Operation[]): readonly Operation[] {
  const nothing: never = new Proxy({}, { get: () => nothing }) as never;
  return operationsOf(nothing);
}
