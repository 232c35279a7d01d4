import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { fault } from '@safeguard/kernel';
import fastify, { type FastifyInstance } from 'fastify';
import { type Entry, type Life, live } from './lifecycle.ts';
import type { Route } from './types.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    entry?: Entry;
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/** Longest path parameter; FHIR ids have 64 characters (http://hl7.org/fhir/R4/datatypes.html#id). */
const param_length = 256;

/**
 * Fastify as a router and nothing more: one hook takes every request out of its hands right after the route is found,
 * so none of its parsing, validation, serialisation or error pages takes part.
 */
export async function createRouter(life: Life, routes: readonly Route[]) {
  const neighbourOf = neighbours(routes);
  const allow = [...new Set(routes.flatMap(methodsOf))].sort().join(', ');
  const strayed = (request: IncomingMessage): Entry => strayEntry(request, neighbourOf(request.url ?? ''), allow);
  const stray = (entry: Entry, request: IncomingMessage, response: ServerResponse): void =>
    takeOver(life, entry, request, response, {}, new URLSearchParams());
  const app = fastify<Server>({
    logger: false,
    exposeHeadRoutes: false,
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: param_length,
      querystringParser: (query: string) => new URLSearchParams(query) as never,
      // The router would answer these two itself, with the path in the answer and no event in the ledger.
      onBadUrl: (_path: string, request: IncomingMessage, response: ServerResponse) =>
        stray({ ...strayed(request), refusal: { told: badPath } }, request, response),
      onMaxParamLength: (_path: string, request: IncomingMessage, response: ServerResponse) =>
        stray(strayed(request), request, response),
    },
  });
  app.addHook('onRequest', (request, reply) => {
    reply.hijack();
    const entry = request.routeOptions.config.entry ?? strayed(request.raw);
    takeOver(life, entry, request.raw, reply.raw, request.params, request.query);
  });
  app.setNotFoundHandler(unreachable);
  addRoutes(app, routes);
  await app.ready();
  return (request: IncomingMessage, response: ServerResponse): void => {
    if ((request.url ?? '').length <= life.settings.limits.url_bytes) app.routing(request, response);
    else stray(tooLong(strayed(request)), request, response);
  };
}

function takeOver(
  life: Life,
  entry: Entry,
  request: IncomingMessage,
  response: ServerResponse,
  params: unknown,
  query: unknown,
): void {
  const call = { params: params as Record<string, string>, query: query as URLSearchParams };
  live(life, entry, request, response, call).catch((thrown: unknown) => {
    // An error of ours in the last step: nothing is known of what was sent, so the connection ends.
    life.log.error('a request was dropped', { route: entry.pattern, error: thrown });
    response.destroy();
  });
}

/** Never runs: the hook has taken the request. Fastify wants a handler. */
function unreachable(): never {
  throw fault('internal', 'A request passed its hook');
}

const methodsOf = (route: Route): string[] => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]);

/**
 * Registers every route, HEAD beside each GET, and a 405 with Allow for the methods that a known path does not have.
 */
function addRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  const byPath = Map.groupBy(routes, (route) => shapeOf(route.path));
  for (const group of byPath.values()) {
    const own = new Set(group.map((route) => route.method));
    for (const route of group) {
      const entry: Entry = { route, pattern: route.path, style: route.errors, tell: route.tell };
      const method = route.method === 'GET' && !own.has('HEAD') ? (['GET', 'HEAD'] as const) : route.method;
      app.route({ method: method as 'GET', url: route.path, config: { entry }, handler: unreachable });
    }
    addMethodNotAllowed(app, group);
  }
}

function addMethodNotAllowed(app: FastifyInstance, group: readonly Route[]): void {
  const [first] = group;
  if (first === undefined) return;
  const own = new Set(group.flatMap(methodsOf));
  const refusal = {
    told: fault('method', 'This address does not know the method'),
    headers: { Allow: [...own].join(', ') },
  };
  const entry: Entry = { route: undefined, pattern: first.path, style: first.errors, tell: first.tell, refusal };
  const rest = methods.filter((method) => !own.has(method));
  app.route({ method: rest as unknown as 'GET', url: first.path, config: { entry }, handler: unreachable });
}

/** Two paths are one address when they differ in the names of their parameters only. */
const shapeOf = (path: string): string => path.replace(/:[A-Za-z_]+/g, ':');

/** Errors at an unknown address are told as its neighbours tell theirs: by the first segment of the path. */
function neighbours(routes: readonly Route[]): (url: string) => Pick<Entry, 'style' | 'tell'> {
  // Whoever has a way of its own to tell stands for its neighbours.
  const telling = [...routes.filter(({ tell }) => tell === undefined), ...routes.filter(({ tell }) => tell)];
  const bySegment = new Map(
    telling.map(({ path, errors, tell }) => [path.split('/')[1] ?? '', { style: errors, tell }]),
  );
  return (url) => bySegment.get(url.split(/[/?#]/, 2)[1] ?? '') ?? { style: 'problem' };
}

const badPath = fault('malformed', 'The path is not well-formed percent-encoded UTF-8');

/** RFC 9110 15.5.15. */
const tooLong = (entry: Entry): Entry => ({
  ...entry,
  refusal: { told: fault('tooLarge', 'The request target is too long'), status: 414 },
});

function strayEntry(request: IncomingMessage, neighbour: Pick<Entry, 'style' | 'tell'>, allow: string): Entry {
  const entry = { route: undefined, pattern: 'none', ...neighbour };
  if ((methods as readonly string[]).includes(request.method ?? '')) return entry;
  return { ...entry, refusal: { told: fault('method', 'The method is not known here'), headers: { Allow: allow } } };
}
