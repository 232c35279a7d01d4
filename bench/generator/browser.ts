import type { Ask } from './plan.ts';
import { header, headersOf, type Response } from './response.ts';

/** A request and what came back, within a turn. */
export type Step = Generator<Ask, Response, Response>;

export const formType = 'application/x-www-form-urlencoded';
/** A session is bound to family and platform of its browser. */
export const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';
const found = 303;

/** What a browser is to our pages: cookies, an origin, forms. It follows a redirect only when it is told to. */
export interface Browser {
  /** Units of the request: of a flow the last one has them. */
  get(path: string, expected: number, units?: number): Step;
  /** Expects a redirect, as every form of ours that was right has one. */
  post(path: string, fields: string | Readonly<Record<string, string>>, units?: number): Step;
  cookies(): string;
}

function learn(known: Map<string, string>, { head }: Response): void {
  for (const line of headersOf(head, 'set-cookie')) {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '') known.delete(name);
    else known.set(name, value);
  }
}

const read = (cookies: string): [string, string][] =>
  cookies === ''
    ? []
    : cookies.split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);

/** `cookies`: as a Cookie header has them. */
export function openBrowser(origin: string, cookies = ''): Browser {
  const known = new Map(read(cookies));
  const shown = (): string => [...known].map(([name, value]) => `${name}=${value}`).join('; ');
  function* send(ask: Ask, more: Readonly<Record<string, string>> = {}): Step {
    const cookie = shown();
    const headers = { 'user-agent': agent, accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...more };
    const answer = yield { ...ask, headers };
    learn(known, answer);
    return answer;
  }
  return {
    get: (path, expected, units = 0) => send({ method: 'GET', path, expected, units }),
    post(path, fields, units = 0) {
      const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
      return send({ method: 'POST', path, body, expected: found, units }, { origin, 'content-type': formType });
    },
    cookies: shown,
  };
}

/** Where a redirect leads, with its query. */
export function locationOf({ head }: Response): string {
  const location = header(head, 'location');
  if (location === undefined) throw new Error('a redirect without Location');
  return location;
}

/** The same, on our own origin: path and query. */
export function pathOf(answer: Response): string {
  const { pathname, search } = new URL(locationOf(answer), 'http://here');
  return `${pathname}${search}`;
}
