import type { Answer, Credential, Principal, RequestContext, Route, Target } from '@safeguard/http';
import type { Segment } from '@safeguard/store';
import { createIdentity, type Identity, type IdentityDeps, type NewClient, type ScopeRules } from '../index.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

/** A stand-in for the grammar of `access`, just enough of it: one type or `*`, letters in order. */
const form = /^system\/([A-Z][A-Za-z]+|\*)\.(?=.)(c?r?u?d?s?)$/;
export const scopeRules: ScopeRules = {
  isScope: (text) => form.test(text) || text.endsWith('.read'),
  normalScope(text) {
    const normal = text.replace(/\.read$/, '.rs');
    if (!form.test(normal)) throw Object.assign(new Error('not a scope'), { expected: true });
    return normal;
  },
  permissions: new Set(['purge']),
  intersect: (asked, granted) => asked.filter((scope) => scopeRules.narrows(scope, granted)),
  describe: (scope) => scope,
  narrows: (asked, granted) => {
    const [, type = '', letters = ''] = form.exec(asked) ?? [];
    return granted.some((text) => {
      const [, on = '', may = ''] = form.exec(text) ?? [];
      return (on === '*' || on === type) && [...letters].every((letter) => may.includes(letter));
    });
  },
};

/** A request as `http` tells it: an Authorization header and nothing more. */
export const shown = (authorization: string | undefined, remote: string): Credential => ({
  authorization,
  cookie: undefined,
  agent: undefined,
  dpop: undefined,
  method: 'GET',
  url: 'https://localhost:8443/fhir/R4/Patient',
  remote,
  certificate: () => undefined,
});

/** A clock that only the test turns. */
export interface TestClock {
  at: number;
  now(): number;
}

export interface World {
  readonly postgres: TestPostgres;
  readonly clock: TestClock;
  readonly identity: Identity;
  /** Every line that was logged. */
  readonly lines: string[];
  /** Another process on the same database. */
  another(segment?: Segment): Identity;
  close(): Promise<void>;
}

const settings: IdentityDeps['settings'] = {
  token_lifetime_s: 300,
  sessions: { idle_s: 900, absolute_s: 43_200 },
  fetch_allow: [],
};
/** What stands above identity: not what these tests are about. */
const guard: IdentityDeps['guard'] = () => undefined;
const patients: IdentityDeps['patients'] = { search: async () => [], byIds: async () => [] };

export async function openWorld(): Promise<World> {
  const postgres = await startPostgres();
  const clock: TestClock = { at: Date.parse('2026-11-22T12:00:00Z'), now: () => clock.at };
  const lines: string[] = [];
  const log = { warn: (event: string, fields?: unknown) => void lines.push(`${event} ${String(fields)}`) };
  const made: Identity[] = [];
  const another = (segment: Segment = postgres.segment): Identity => {
    const deps = { segment, vault: postgres.vault, clock, scopes: scopeRules, settings, log, guard, patients };
    const identity = createIdentity(deps);
    made.push(identity);
    return identity;
  };
  const identity = another();
  await identity.tenants.ensureDefault();
  const close = async (): Promise<void> => {
    await Promise.all(made.map((each) => each.close()));
    await postgres.close();
  };
  return { postgres, clock, identity, lines, another, close };
}

export const wanted = (more: Partial<NewClient> = {}): NewClient => ({
  name: 'loader',
  tenant: 1,
  scopes: ['system/*.cruds'],
  view: 'full',
  ...more,
});

export const bearer = (token: { access_token: string }): string => `Bearer ${token.access_token}`;

/** The answer of `authenticate`, whichever way it comes: a principal, or the kind and text of the fault. */
export async function asked(identity: Identity, authorization: string | undefined): Promise<Principal | string> {
  try {
    return await identity.authenticate(shown(authorization, '192.0.2.1'));
  } catch (error) {
    const { kind, message } = error as { kind?: string; message: string };
    return `${kind}: ${message}`;
  }
}

export interface Call {
  readonly path?: string;
  readonly form?: Record<string, string> | string;
  readonly authorization?: string;
  readonly remote?: string;
  readonly query?: string;
}

/** Calls a route's handler as `http` would; `named` are the targets that its event would name. */
export async function call(identity: Identity, { path = '/oauth2/token', form = '', ...more }: Call) {
  const route: Route | undefined = identity.routes().find((each) => each.path === path && each.method !== 'GET');
  if (route === undefined) throw new Error(`no route ${path}`);
  let named: readonly Target[] = [];
  const context: RequestContext = {
    id: '7d6f3a52-0d8b-4a7b-9c37-1c7f7dcd2f10',
    at: 0,
    principal: { tenant: 0, kind: 'anonymous', id: 'anonymous', scopes: [], view: 'deidentified' },
    method: route.method,
    params: {},
    query: new URLSearchParams(more.query ?? ''),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(more.authorization === undefined ? {} : { authorization: more.authorization }),
    },
    url: `${path}${more.query === undefined ? '' : `?${more.query}`}`,
    body: Buffer.from(typeof form === 'string' ? form : new URLSearchParams(form).toString()),
    remote: more.remote ?? '192.0.2.1',
    base: 'https://localhost:8443',
    signal: new AbortController().signal,
    about: (targets) => {
      named = targets;
    },
    found: ({ targets }) => {
      named = targets ?? named;
    },
    event: () => {
      throw new Error('no handler here writes an event');
    },
  };
  try {
    const answer: Answer = await route.handle(context);
    const json = answer.type?.includes('json') === true ? JSON.parse(`${answer.body}`) : undefined;
    return { status: answer.status, answer, json, named };
  } catch (error) {
    return { status: 0, error: error as Error & { kind?: string; issues?: { code: string }[] }, named };
  }
}

export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;

export const wait = (duration_ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration_ms));
