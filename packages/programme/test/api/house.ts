import { after } from 'node:test';
import { createAccess } from '@safeguard/access';
import { createHttp, type HttpDeps, type Operation, type Principal, type RequestEvent, routeOf } from '@safeguard/http';
import { type Check, type CheckResult, newId } from '@safeguard/kernel';
import { checkIds, createProgramme, programmeDirectory, readContent } from '../../index.ts';
import { readDraft } from '../../policies/read-draft.ts';
import { openHouse as openPlatform, signerName } from '../postgres.ts';
import { createPeople } from '../workflow/world.ts';

export const scope = 'safeguard/programme';

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 65_536, url_bytes: 16_384, connections: 400, inflight_bytes: 1 << 27 },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};

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

const encoded = (principal: Principal): string => Buffer.from(JSON.stringify(principal)).toString('base64url');
const decoded = (text: string): Principal => JSON.parse(Buffer.from(text, 'base64url').toString());

/** Of two policies that ship, so that drafts and approvals take no time. */
const short = (title: string, more = '') => `---
title: ${title}
satisfies: [164.310-b]
owner: security-officer
approver: [security-officer, privacy-officer, administrator]
review_months: 12
acknowledge: [everyone]
inherited: {default: locked, editable: [workstations]}
---
# ${title}

Who may do what.

## Sessions

Sessions end after {{sessions.idle_minutes}} minutes of rest.${more}

## Workstations

Screens lock themselves.
`;
export const policyText = short;

const sender =
  (url: string) =>
  async (method: string, path: string, { body, headers = {}, as }: Sent = {}): Promise<Reply> => {
    const typed = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1/programme${path}`, {
      method,
      headers: { ...proofOf(as, url), ...typed, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: answer.status, headers: answer.headers, text, json };
  };

function proofOf(as: Principal | undefined, origin: string): Record<string, string> {
  if (as === undefined) return { origin };
  if (as.kind === 'user' && as.client === undefined) return { cookie: `s=${encoded(as)}`, origin };
  return { authorization: `Bearer ${encoded(as)}` };
}

/** Every check that is not the programme's own: they say what they are told, and wait for the gate. */
function fakeChecks() {
  const told = { result: 'met' as CheckResult['result'], runs: 0, at_once: 0, most: 0, gate: Promise.resolve() };
  const fake = (id: string): Check => ({
    ...{ id, title: id, query: `Asks for ${id}.`, every_s: 900 },
    async run() {
      told.runs += 1;
      told.at_once += 1;
      told.most = Math.max(told.most, told.at_once);
      await told.gate;
      told.at_once -= 1;
      return { result: told.result, examined: 1, saw: 'It was looked at.' };
    },
  });
  return { told, checks: [...checkIds].filter((id) => !id.startsWith('programme.')).map(fake) };
}

function castOf(people: ReturnType<typeof createPeople>, clock: { now(): number }) {
  /** A person of a tenant who holds these roles. */
  const person = (roles: string[] = [], tenant = 1): Principal => {
    const { id } = people.add(roles, tenant);
    const assurance = { level: 2, at: clock.now(), methods: ['pwd', 'otp'] } as const;
    return { tenant, kind: 'user', id, scopes: [], view: 'full', account: 'workforce', roles, assurance };
  };
  const program = (tenant = 1, ...scopes: string[]): Principal => {
    const all = scopes.length === 0 ? [scope] : scopes;
    return { tenant, kind: 'client', id: newId(), scopes: all, view: 'full' };
  };
  return {
    ...{ person, program },
    administrator: person(['administrator']),
    security: person(['security-officer']),
    privacy: person(['privacy-officer']),
    auditor: person(['auditor']),
    worker: person(),
    patient: { ...person(), account: 'patient', within: [newId()] } satisfies Principal,
    /** Of a customer. */
    theirs: person(['security-officer'], 2),
    theirAdministrator: person(['administrator'], 2),
  };
}

/** `/api/v1/programme` behind the real HTTP, over a real database and a real log; its checks say what they are told. */
export async function openHouse() {
  const platform = await openPlatform();
  const { segments, ledger, vault } = platform;
  const shipped = await readContent(programmeDirectory, { checks: checkIds });
  const texts = ['access', 'devices'].map(
    (id) => [id, readDraft(id, short(id === 'access' ? 'Access' : 'Devices'), shipped)] as const,
  );
  const content = { ...shipped, policies: new Map(texts) };
  const time = { shift_ms: 0 };
  const clock = { now: () => Date.now() + time.shift_ms };
  const people = createPeople();
  const { told, checks } = fakeChecks();
  const warned: unknown[] = [];
  const programme = createProgramme({
    ...{ content, directory: programmeDirectory, segment: segments.identity, vault, clock, ledger, signer: signerName },
    ...{ people: people.port, holders: people.holders, workforce: people.workforce, base: 'https://clinic.example' },
    tell: { tell: async () => undefined },
    log: { error: (_text, { error }) => void warned.push(error) },
    checks,
    running: () => undefined,
    lastReport: async () => undefined,
  });
  const access = createAccess({ types: new Set(['Patient']), policies: 'on' });
  const events: RequestEvent[] = [];
  const quiet = (): void => undefined;
  const opened: { close(): Promise<void> }[] = [];
  await programme.start('off');

  const serve = async (operations: Operation[] = programme.operations(), guard = access.guard) => {
    const http = createHttp({
      routes: operations.map((one) => routeOf({ guard, clock }, one)),
      ports: {
        authenticate: ({ authorization = '' }) => decoded(authorization.slice(7)),
        signedIn: ({ cookie }) => (cookie === undefined ? undefined : decoded(cookie.slice(2))),
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
    const send = sender(url);
    return { send, operations };
  };

  after(async () => {
    for (const one of opened) await one.close();
    await programme.close();
  });

  const cast = castOf(people, clock);
  const first = await serve();
  const seen = { content, programme, people, time, clock, told, events, warned };
  return { ...platform, ...first, ...cast, ...seen, serve };
}

export type House = Awaited<ReturnType<typeof openHouse>>;
