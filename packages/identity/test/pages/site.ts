import { Writable } from 'node:stream';
import {
  type Brand,
  createHttp,
  createLog,
  type HttpPorts,
  type Principal,
  type RequestEvent,
  type Route,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { createPages } from '../../pages/pages.ts';
import type { GrantedApp, PageDeps } from '../../pages/ports.ts';
import { openHouse } from '../sign-in/house.ts';

/** What `access` answers for the self-… actions: a person at level 2, about their own account. */
const guard: PageDeps['guard'] = (principal: Principal, action, target) => {
  const own = target.type === 'Account' && target.id === principal.id;
  if (principal.kind !== 'user' || principal.assurance?.level !== 2 || !own || !action.startsWith('self-'))
    throw fault('forbidden', 'Not permitted.');
};

/** Grants in memory: the authorization server is tested elsewhere. */
export function grants(first: readonly GrantedApp[] = []) {
  const open = new Map(first.map((each) => [each.grant, each]));
  return {
    list: async () => [...open.values()],
    end: async (_tenant: number, _account: string, grant: string) => open.delete(grant),
  };
}

export interface SiteOptions {
  readonly change?: Partial<PageDeps>;
  readonly brand?: Brand;
  /** More routes beside the pages'. */
  readonly routes?: readonly Route[];
  /** Without the check of where a request comes from: the negative control. */
  readonly anyOrigin?: boolean;
}

const settings = {
  host: 'localhost',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 16_384, url_bytes: 2_048, connections: 200, inflight_bytes: 10_000_000 },
  deadlines: {
    request_ms: 10_000,
    ledger_ms: 1_000,
    headers_ms: 5_000,
    idle_ms: 2_000,
    keep_alive_ms: 5_000,
    stop_ms: 500,
  },
};

/** The pages over a real server and a real PostgreSQL; `http://localhost` is trustworthy to a browser. */
export async function openSite(options: SiteOptions = {}) {
  const house = await openHouse();
  const { accounts, authenticators, sessions, signIn, clock, sql } = house;
  const events: RequestEvent[] = [];
  let lines = '';
  const byName = async (name: string) => (await list()).find((each) => each.name === name);
  const list = async () =>
    (await sql('select id, name from identity.tenant order by id')).map((row) => ({
      id: Number(row['id']),
      name: String(row['name']),
      created_at: 0,
    }));
  const apps = grants();
  const pages = createPages({
    accounts,
    authenticators,
    sessions,
    signIn,
    tenants: { byName, list },
    guard,
    brand: async () => options.brand ?? { name: 'Harbor Clinic' },
    clock,
    apps,
    ready: () => accounts.hasAdministrator(1),
    ...options.change,
  });
  const ports: HttpPorts = {
    authenticate: () => {
      throw fault('unauthenticated', 'A bearer token is required');
    },
    signedIn: async ({ cookie, agent }) => (await sessions.signedIn(cookie, agent))?.principal,
    page: pages.page,
    record: async (event) => void events.push(event),
  };
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines += String(chunk);
      done();
    },
  });
  const routes = [...pages.routes, ...(options.routes ?? [])];
  const http = createHttp({
    routes: options.anyOrigin === true ? routes.map((route) => ({ ...route, crossSite: true })) : routes,
    ports,
    settings,
    tls: 'off',
    log: createLog({ level: 'debug', destination }),
    health: { ready: async () => undefined },
    clock,
  });
  const { url } = await http.listen();
  return {
    ...house,
    url,
    events,
    apps,
    log: () => lines,
    /** The last event of this action. */
    told: (action: string) => events.findLast((event) => event.action === action),
    async close() {
      await http.close();
      await house.close();
    },
  };
}
export type Site = Awaited<ReturnType<typeof openSite>>;
