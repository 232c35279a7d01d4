import { z } from 'zod';
import { type Operation, prefix } from './operation.ts';
import { named } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const titles: Readonly<Record<number, string>> = {
  400: 'What was sent is not as described',
  401: 'No valid credentials, or a factor has to be shown again',
  403: 'The caller may not do this',
  404: 'There is none in the caller’s tenant',
  409: 'The state does not allow it, or it is taken',
  412: 'It was changed since it was read',
  413: 'The body is too large',
  415: 'The body is of another type',
};
const fine: Readonly<Record<number, string>> = { 200: 'Done', 201: 'Made', 204: 'Done' };

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

const pathOf = (path: string): string => `${prefix}${path.replaceAll(/:(\w+)/g, '{$1}')}`;

function parameters({ params = {}, query }: Operation): Json[] {
  const inPath = Object.keys(params).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
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

const responses = (one: Operation): Json => ({
  [one.status]: {
    description: fine[one.status],
    ...(one.answer === undefined ? {} : { content: content('application/json', schemaOf(one.answer)) }),
  },
  ...Object.fromEntries(refusals(one).map(refusal)),
});

/** `POST /accounts/:id/links` → `link-make`; two that share an action differ by their path. */
function operationId({ action, path }: Operation, all: readonly Operation[]): string {
  const twins = all.filter((other) => other.action === action);
  if (twins.length === 1) return action;
  const shortest = twins.reduce((left, right) => (left.path.length <= right.path.length ? left : right));
  return path === shortest.path ? `${action}-all` : action;
}

const ofClients = new Set(['Client', 'Application', 'Invitation']);

function describe(one: Operation, all: readonly Operation[]): Json {
  const scope = one.self === true ? [] : [ofClients.has(one.type) ? 'safeguard/clients' : 'safeguard/accounts'];
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
    security: [{ session: [] }, ...(scope.length === 0 ? [] : [{ oauth: scope }])],
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
};

/** The OpenAPI 3.1 document of the operations, for a server at `base`. */
export function documentOf(operations: readonly Operation[], base: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Safeguard API',
      version: '1',
      description:
        'Accounts, sessions, clients and settings of one tenant: the caller’s own. Errors are problems (RFC 9457). ' +
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
