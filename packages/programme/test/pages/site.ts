import { createAccess, rolesHeld } from '@safeguard/access';
import {
  createHttp,
  type Frame,
  type HttpDeps,
  type Principal,
  page,
  type RequestEvent,
  type Route,
  seeOther,
} from '@safeguard/http';
import { type Check, newId } from '@safeguard/kernel';
import type { PlacedEvidence } from '../../checks/types.ts';
import { render } from '../../content/render.ts';
import { createDecisions } from '../../decisions/decisions.ts';
import { programmePages } from '../../pages/pages.ts';
import type { ProgrammePagesDeps } from '../../pages/ports.ts';
import { createParameters } from '../../parameters/parameters.ts';
import { postureAt } from '../../posture/posture.ts';
import type { Actor } from '../../workflow/types.ts';
import { startPolicies } from '../policies/world.ts';

/** Identity's part, without accounts: whose pages they are, and where a step-up leads. */
const frame: Frame = {
  page: async (_context, { here: _here, around, ...parts }) =>
    page({ ...parts, brand: { name: 'Harbor Clinic' }, ...(around === undefined ? {} : { nav: around }) }),
  stepUp: async (context, return_to) => {
    context.found?.({ outcome: 'deny', reason: 'a factor has to be shown first' });
    return seeOther(`/sign-in/confirm#${return_to}`);
  },
};

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 1_048_576, header_bytes: 65_536, url_bytes: 16_384, connections: 200, inflight_bytes: 1 << 27 },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};

const encoded = (principal: Principal): string => Buffer.from(JSON.stringify(principal)).toString('base64url');
const decoded = (text: string): Principal => JSON.parse(Buffer.from(text, 'base64url').toString());

export const hostile = '<script>alert(1)</script> & "others"';

/** The checks of these tests: one that was never run, one that says what it is told to. */
const checkOf = (id: string): Check => ({
  ...{ id, title: `Check ${id}`, query: 'Asks without a token.', every_s: 3_600 },
  run: async () => ({ result: 'met', examined: 1, saw: 'It was refused.' }),
});

type World = Awaited<ReturnType<typeof startPolicies>>;

function evidenceOf(check: string, at: number, saw: string): PlacedEvidence {
  return {
    evidence: {
      ...{ kind: 'evidence', id: newId(), check, at, from: at, until: at, result: 'unmet', examined: 7, saw },
      ...{ todo: 'Turn it on again.', exceptions: ['table.one'], more: 2, query: 'Asks without a token.' },
      ...{
        how: 'performed',
        why: 'asked',
        took_ms: 12,
        code: { version: '1', digest: 'a'.repeat(64), programme: 'b' },
      },
    },
    place: { log: 'house.example/0/0', shard: 0, index: 41 },
  };
}

function apiOf(world: World, kept: PlacedEvidence[]) {
  const { segment, workflow, policies, at } = world;
  const clock = { now: () => world.time.now };
  const controls = new Map(at.content.controls);
  const one = controls.get('164.312-a-2-iv');
  if (one !== undefined) controls.set(one.id, { ...one, checks: ['http.tls'], requirement: hostile });
  const content = { ...at.content, controls };
  const parameters = createParameters({ content, segment, clock, workflow, running: () => undefined });
  const checks = new Map(['http.tls', 'http.headers'].map((id) => [id, checkOf(id)]));
  const newest = (moment: number) =>
    new Map(kept.filter(({ evidence }) => evidence.at <= moment).map((placed) => [placed.evidence.check, placed]));
  const decisions = createDecisions({
    ...{ segment, clock, workflow, vault: world.deps.vault, people: world.people.port, content: () => content },
    stateOf: async () => 'unmet',
  });
  const runs: string[][] = [];
  const api: Omit<ProgrammePagesDeps, 'guard' | 'frame'> = {
    ...{ content, clock, policies, workflow, parameters, decisions },
    postureAt: async (moment) =>
      postureAt({
        ...{ at: moment, controls, conditions: [], checks, newest: newest(moment) },
        decisions: await decisions.at(1, moment),
        waivers: await decisions.waivers.at(1, moment),
        published: await policies.publishedAt(1, moment),
      }),
    runner: {
      checks,
      run: async ({ ids = [] }) => {
        runs.push([...ids]);
        const made = ids.map((id) => evidenceOf(id, clock.now(), `Seen of ${id}: ${hostile}`));
        kept.push(...made);
        return made;
      },
    },
    evidence: {
      list: async (check, { before = Number.MAX_SAFE_INTEGER, count }) =>
        kept
          .filter(({ evidence }) => evidence.check === check && evidence.at < before)
          .toReversed()
          .slice(0, count),
      byId: async (id) => kept.find(({ evidence }) => evidence.id === id),
    },
    render: (text) => render(text, parameters.known()),
    actorOf: (principal) => ({ tenant: principal.tenant, id: principal.id, roles: rolesHeld(principal) }),
    names: async (_tenant, ids) => new Map(ids.map((id) => [id, `Person ${id.slice(-4)}`])),
    byLogin: async (_tenant, login) => (login === 'priv@clinic.example' ? world.priv : undefined),
  };
  return { api, runs };
}

export interface Posted {
  readonly as?: Actor | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  /** Where the form stands. Default: our own pages. */
  readonly origin?: string;
  /** The last factor was shown more than 5 minutes ago. */
  readonly stale?: boolean;
  readonly change?: Partial<Principal>;
}

/** The pages behind the real HTTP and the real guard, over real tasks, policies and decisions. */
export async function openSite() {
  const world = await startPolicies();
  const kept: PlacedEvidence[] = [];
  const { api, runs } = apiOf(world, kept);
  const access = createAccess({ types: new Set(['Patient']), policies: 'on' });
  const events: RequestEvent[] = [];
  const opened: { close(): Promise<void> }[] = [];

  const principalOf = ({ tenant, id, roles }: Actor, { stale = false, change = {} }: Posted): Principal => ({
    ...{ tenant, kind: 'user', id, scopes: [], view: 'full', account: 'workforce', session: newId(), roles },
    assurance: { level: 2, at: world.time.now - (stale ? 6 * 60_000 : 0), methods: ['otp'] },
    ...change,
  });

  const serve = async (
    change: Partial<ProgrammePagesDeps> = {},
    altered: (route: Route) => Route = (route) => route,
  ) => {
    const routes = programmePages({ ...api, guard: access.guard, frame, ...change }).map(altered);
    const quiet = (): void => undefined;
    const http = createHttp({
      routes,
      ports: {
        authenticate: () => decoded(''),
        signedIn: ({ cookie }) => (cookie === undefined ? undefined : decoded(cookie.slice(2))),
        record: async (event) => void events.push(event),
      },
      settings,
      tls: 'off',
      log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
      health: { ready: async () => undefined },
      clock: api.clock,
    });
    const { url } = await http.listen();
    opened.push(http);
    const ask = async (method: string, path: string, asked: Posted = {}) => {
      const { as, fields = {}, origin = url } = asked;
      const answer = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: { origin, ...(as === undefined ? {} : { cookie: `s=${encoded(principalOf(as, asked))}` }) },
        ...(method === 'POST' ? { body: new URLSearchParams(fields) } : {}),
      });
      return { status: answer.status, to: answer.headers.get('location') ?? '', text: await answer.text() };
    };
    return { routes, ask };
  };
  return {
    ...{ world, api, events, kept, runs, servePages: serve },
    ...(await serve()),
    async close() {
      for (const http of opened) await http.close();
      await world.close();
    },
  };
}

export type Site = Awaited<ReturnType<typeof openSite>>;
