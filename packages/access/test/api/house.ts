import { resourceTypes } from '@safeguard/fhir';
import {
  createHttp,
  documentRoute,
  type HttpDeps,
  type Principal,
  type RequestEvent,
  type Route,
  routeOf,
} from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { accessOperations } from '../../api/api.ts';
import type { AccessApiDeps } from '../../api/ports.ts';
import { createHolds } from '../../holds/holds.ts';
import { createAccess } from '../../index.ts';
import { createNotices } from '../../notices/notices.ts';
import { createPolicies } from '../../policies/policies.ts';
import { makeStanding } from '../../policy/sealed-standing.ts';
import { createReviews } from '../../reviews/reviews.ts';
import type { Holding, OpenStanding } from '../../standing/types.ts';
import { compiled, startWorld, types } from '../grants/world.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape, as a client sees it
  readonly json: any;
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks, by a token or, at our own pages, by a cookie; undefined: nobody. */
  readonly as?: Principal | undefined;
}

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 65_536, url_bytes: 16_384, connections: 200, inflight_bytes: 1 << 27 },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};

export const access = createAccess({ types, policies: 'on' });
export const scope = 'safeguard/access';

export const encoded = (principal: Principal): string => Buffer.from(JSON.stringify(principal)).toString('base64url');
const decoded = (text: string): Principal => JSON.parse(Buffer.from(text, 'base64url').toString());

type World = Awaited<ReturnType<typeof startWorld>>;

/** As the server completes principals: with what is granted at this moment. */
async function entitled({ grants, time }: World, principal: Principal): Promise<Principal> {
  if (principal.kind !== 'user') return principal;
  const granted = await grants.list(principal.tenant, { account: principal.id });
  const holdings = granted
    .filter(({ from }) => from <= time.now)
    .map(({ id, ...grant }): Holding => ({ ...grant, grant: id }));
  const standing = makeStanding({ policy: compiled, holdings, at: time.now } as unknown as OpenStanding);
  return { ...principal, standing };
}

/** `/api/v1/access` behind the real HTTP, over real requests and grants. */
export async function openHouse() {
  const world = await startWorld();
  const events: RequestEvent[] = [];
  const opened: { close(): Promise<void> }[] = [];
  const { clock } = world.deps;
  const notices = createNotices({ ...world.deps, people: world.people.port, base: 'https://localhost' });
  const vocabulary = { types: new Set(resourceTypes), isServedQuery: () => true as const };
  const policies = createPolicies({ ...world.deps, vocabulary, notices });
  const reviews = createReviews({ ...world.deps, notices });

  const serve = async (
    change: Partial<AccessApiDeps> = {},
    more: (deps: AccessApiDeps) => readonly Route[] = () => [],
  ) => {
    const { requests, grants, breakGlass, people } = world;
    const ports = {
      requests,
      grants,
      breakGlass,
      holds: createHolds(world.deps),
      people: people.port,
      clock,
      guard: access.guard,
      policies,
      reviews,
      notices,
    };
    const deps: AccessApiDeps = { ...ports, ...change };
    const operations = accessOperations(deps);
    const quiet = (): void => undefined;
    const http = createHttp({
      routes: [documentRoute(operations), ...operations.map((one) => routeOf(deps, one)), ...more(deps)],
      ports: {
        authenticate: ({ authorization = '' }) => decoded(authorization.slice(7)),
        signedIn: ({ cookie }) => (cookie === undefined ? undefined : decoded(cookie.slice(2))),
        entitle: (principal) => entitled(world, principal),
        record: async (event) => void events.push(event),
      },
      settings,
      tls: 'off',
      log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
      health: { ready: async () => undefined },
      clock,
    });
    const { url } = await http.listen();
    opened.push(http);
    const send = async (method: string, path: string, { body, headers = {}, as }: Sent = {}): Promise<Reply> => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const byCookie = as?.kind === 'user' && as.client === undefined;
      const how = byCookie
        ? { cookie: `s=${encoded(as)}`, origin: url }
        : as === undefined
          ? { origin: url }
          : { authorization: `Bearer ${encoded(as)}` };
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { ...how, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: text }),
      });
      const received = await answer.text();
      const json = received.startsWith('{') ? JSON.parse(received) : undefined;
      return { status: answer.status, headers: answer.headers, text: received, json };
    };
    return { send, url, operations };
  };

  return {
    ...world,
    ...(await serve()),
    serve,
    events,
    /** Somebody of the workforce, who holds this role by an approved request. */
    async officer(role?: string): Promise<Principal> {
      if (role === undefined) return world.person(world.people.add({ name: 'Somebody' }));
      if (role === 'administrator') return administrator(world);
      const { account } = await world.holder(role, administrator(world).id);
      return world.person(account);
    },
    close: async () => {
      for (const http of opened) await http.close();
      await world.close();
    },
  };
}

function administrator({ people, person }: World): Principal {
  const roles = ['administrator'];
  return person(people.add({ roles, name: 'Ann Administrator' }), { roles });
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export const program = (...scopes: string[]): Principal => ({
  tenant: 1,
  kind: 'client',
  id: newId(),
  scopes,
  view: 'full',
});
