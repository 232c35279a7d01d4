import { randomUUID } from 'node:crypto';
import { type Answer, anonymous, type Finding, type Principal, type RequestContext, type Route } from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import type { Federation } from '../../federation/types.ts';
import { sessionCookie } from '../../sessions/types.ts';
import { type From, flowCookie } from '../../sign-in/types.ts';
import { base, type House } from './house.ts';

export const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';

export interface Visited {
  /** Status of an answer, or the kind of the fault. */
  readonly status: number | string;
  readonly location: string | undefined;
  /** Where the page goes on to by itself. */
  readonly next: string | undefined;
  readonly answer: Answer | undefined;
  readonly text: string;
  /** What the ledger is told, the last word of each. */
  readonly found: Finding;
}

interface Asked {
  readonly form?: Readonly<Record<string, string>>;
  /** From another site: a form comes without cookies, a link with them (SameSite=Lax). */
  readonly crossSite?: boolean;
  readonly federation?: Pick<Federation, 'routes'>;
  readonly principal?: Principal;
}

const pattern = (path: string): RegExp => new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);

function routeOf(routes: readonly Route[], method: string, path: string) {
  for (const route of routes) {
    const match = pattern(route.path).exec(path);
    if (match !== null && route.method === method) return { route, params: { ...match.groups } };
  }
  throw new Error(`no route ${method} ${path}`);
}

const unescaped = (text: string): string => text.replaceAll('&#39;', "'").replaceAll('&amp;', '&');

/** A browser with its cookies, before the federation's routes. */
export function createBrowser(house: House) {
  const jar = new Map<string, string>();
  const header = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

  async function visit(method: 'GET' | 'POST', address: string, asked: Asked = {}): Promise<Visited> {
    const url = new URL(address, base);
    const { route, params } = routeOf((asked.federation ?? house.federation).routes(), method, url.pathname);
    const cookies = asked.crossSite === true && method === 'POST' ? '' : header();
    let found: Finding = {};
    const context: RequestContext = {
      id: randomUUID(),
      at: house.clock.now(),
      principal: asked.principal ?? anonymous,
      method,
      params,
      query: url.searchParams,
      headers: { 'user-agent': agent, ...(cookies === '' ? {} : { cookie: cookies }) },
      body: Buffer.from(new URLSearchParams(asked.form ?? {}).toString()),
      remote: '192.0.2.1',
      base,
      signal: new AbortController().signal,
      found: (more) => {
        found = { ...found, ...more };
      },
      event: () => {
        throw new Error('no handler here writes an event');
      },
    };
    try {
      const answer = await route.handle(context);
      const text = String(answer.body ?? '');
      const next = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(text)?.[1];
      const location = answer.headers?.['Location'];
      return { status: answer.status, location, next: next && unescaped(next), answer, text, found };
    } catch (error) {
      if (!isFault(error)) throw error;
      return {
        status: error.kind,
        location: undefined,
        next: undefined,
        answer: undefined,
        text: error.message,
        found,
      };
    }
  }

  return {
    jar,
    visit,
    get: (address: string, asked?: Asked) => visit('GET', address, asked),
    post: (address: string, form: Record<string, string> = {}, asked?: Asked) =>
      visit('POST', address, { ...asked, form }),
    from: (): From => ({
      remote: '192.0.2.1',
      agent,
      origin: base,
      device: undefined,
      session: jar.get(sessionCookie),
    }),
    /** The sign-in page's flow. */
    async begin(tenant = 1, more: { purpose?: 'step-up'; account?: string } = {}) {
      const { secret } = await house.signIn.begin({ purpose: 'sign-in', tenant, return_to: '/account', ...more });
      jar.set(flowCookie, secret);
      return secret;
    },
    /** What the sign-in is at. */
    view: () => house.signIn.view(jar.get(flowCookie)),
    /** The end of a sign-in, as the page at /sign-in/done has it. */
    async complete() {
      const done = await house.signIn.complete(jar.get(flowCookie) ?? '', this.from());
      jar.set(sessionCookie, done.session_secret);
      jar.delete(flowCookie);
      return done;
    },
    signedIn: async () => house.sessions.signedIn(header(), agent),
  };
}
export type Browser = ReturnType<typeof createBrowser>;
