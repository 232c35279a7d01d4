import type { Answer, Asked, Instance } from './instance.ts';

/** What the jar says it is: a session is bound to family and platform of its browser. */
export const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';

/** A browser without a window: cookies, our own origin, forms. */
export interface Jar {
  readonly instance: Instance;
  /** By name and value. */
  readonly cookies: ReadonlyMap<string, string>;
  /** One request with the cookies; it follows nothing. */
  ask(asked: Asked): Promise<Answer>;
  /** GET, following redirects on our own origin: the answer it stays at, and its address. */
  go(path: string): Promise<Answer & { readonly at: string }>;
  /** A form that a page of ours posts, followed in the same way. */
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<Answer & { readonly at: string }>;
  /** JSON to `/api/v1`, as a page of ours would send it. */
  api(method: string, path: string, body?: object): Promise<Answer>;
}

const over = /^(?:max-age=0|expires=Thu, 01 Jan 1970.*)$/i;

function learn(cookies: Map<string, string>, { headers }: Answer): void {
  for (const line of (headers['set-cookie'] ?? []) as string[]) {
    const [pair = '', ...attributes] = line.split(/; */);
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (value === '' || attributes.some((one) => over.test(one))) cookies.delete(name);
    else cookies.set(name, value);
  }
}

export function openJar(instance: Instance, known: Iterable<readonly [string, string]> = []): Jar {
  const cookies = new Map(known);
  const { url } = instance;
  const ask: Jar['ask'] = async ({ headers = {}, ...asked }) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = { 'user-agent': userAgent, origin: url, ...(cookie === '' ? {} : { cookie }) };
    const answer = await instance.request({ ...asked, headers: { ...own, ...headers } });
    learn(cookies, answer);
    return answer;
  };
  const follow = async (first: Asked): Promise<Answer & { at: string }> => {
    let asked = first;
    for (let hops = 0; hops < 15; hops++) {
      const answer = await ask(asked);
      const { location } = answer.headers;
      const at = new URL(asked.path, url).href;
      if (typeof location !== 'string' || answer.status < 300 || answer.status > 399) return { ...answer, at };
      const next = new URL(location, at);
      if (next.origin !== new URL(url).origin) return { ...answer, at: next.href };
      const path = next.href;
      asked = answer.status === 307 ? { ...asked, path } : { path };
    }
    throw new Error('too many redirects');
  };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    instance,
    cookies,
    ask,
    go: (path) => follow({ path }),
    post: (path, fields = {}) =>
      follow({ method: 'POST', path, headers, body: new URLSearchParams(fields).toString() }),
    api: (method, path, body) =>
      ask({
        method,
        path: `/api/v1${path}`,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      }),
  };
}
