import { createHash, randomBytes } from 'node:crypto';
import { agent, redirect_uri, type Served, signIn, type TestApp, type World } from './world.ts';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Where it sends the browser; undefined: nowhere. */
  readonly location: string | undefined;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

/**
 * A browser of the simplest sort: cookies by name and path, one request at a time, redirects followed by hand or all.
 */
export function createBrowser({ url: base }: Pick<Served, 'url'>) {
  const jar = new Map<string, Cookie>();
  const cookiesFor = (path: string): string =>
    [...jar]
      .filter(([, each]) => path === each.path || path.startsWith(each.path.replace(/\/?$/, '/')))
      .map(([name, { value }]) => `${name.split(' ')[0]}=${value}`)
      .join('; ');
  const keep = (header: string): void => {
    const [pair = '', ...rest] = header.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const path = rest.find((part) => /^path=/i.test(part))?.slice(5) ?? '/';
    const name = pair.slice(0, at);
    const gone = rest.some((part) => /^max-age=0$/i.test(part) || /^expires=Thu, 01 Jan 1970/i.test(part));
    if (gone) jar.delete(`${name} ${path}`);
    else jar.set(`${name} ${path}`, { value: pair.slice(at + 1), path });
  };
  async function ask(to: string, form?: URLSearchParams, headers: Record<string, string> = {}): Promise<Page> {
    const url = new URL(to, base);
    const cookie = cookiesFor(url.pathname);
    const answer = await fetch(url, {
      redirect: 'manual',
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        'user-agent': agent,
        ...(cookie === '' ? {} : { cookie }),
        ...(form === undefined ? {} : { origin: base }),
        ...headers,
      },
      ...(form === undefined ? {} : { body: form }),
    });
    for (const each of answer.headers.getSetCookie()) keep(each);
    const location = answer.headers.get('location') ?? undefined;
    return { url: url.href, status: answer.status, headers: answer.headers, body: await answer.text(), location };
  }
  /** Follows redirects while they stay here. */
  async function follow(page: Page): Promise<Page> {
    let now = page;
    for (let hops = 0; hops < 12; hops += 1) {
      if (now.location === undefined || !new URL(now.location, base).href.startsWith(`${base}/`)) return now;
      now = await ask(now.location);
    }
    throw new Error('redirected in circles');
  }
  return {
    jar,
    ask,
    follow,
    get: async (to: string): Promise<Page> => follow(await ask(to)),
    post: async (to: string, form: URLSearchParams): Promise<Page> => follow(await ask(to, form)),
    setCookie: (pair: string): void => keep(`${pair}; Path=/`),
  };
}
export type Browser = ReturnType<typeof createBrowser>;

export interface Request {
  readonly url: string;
  readonly verifier: string;
  readonly state: string;
}

/** An authorization request as a SMART app makes it. */
export function request(served: Pick<Served, 'url' | 'fhir'>, app: TestApp, more: Record<string, string | undefined>) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const given: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: app.client_id,
    redirect_uri,
    state,
    aud: served.fhir,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  const kept = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { url: `${served.url}/oauth2/authorize?${new URLSearchParams(kept)}`, verifier, state };
}

/** What the app is told at its redirect address. */
export function told(page: Page): Record<string, string> {
  if (page.location === undefined || !page.location.startsWith(redirect_uri))
    return { none: page.location ?? page.body };
  return Object.fromEntries(new URL(page.location).searchParams);
}

export interface Tokens {
  readonly [name: string]: unknown;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly error?: string;
}

export async function token(served: Served, app: TestApp, form: Record<string, string>): Promise<Tokens> {
  const basic = Buffer.from(`${app.client_id}:${app.secret}`).toString('base64');
  const answer = await fetch(`${served.url}/oauth2/token`, {
    method: 'POST',
    headers: app.secret === undefined ? {} : { authorization: `Basic ${basic}` },
    body: new URLSearchParams(app.secret === undefined ? { client_id: app.client_id, ...form } : form),
  });
  return (await answer.json()) as Tokens;
}

export const exchange = (served: Served, app: TestApp, asked: Request, code: string): Promise<Tokens> =>
  token(served, app, { grant_type: 'authorization_code', code, redirect_uri, code_verifier: asked.verifier });

export const scopesOf = (tokens: Tokens): string[] => tokens.scope.split(' ').sort();

const decoded = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<');

/** The fields of a page's consent form as it stands: what is ticked, what is hidden. */
export function formOf({ body }: Page): URLSearchParams {
  const form = new URLSearchParams();
  for (const [input] of body.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1];
    const ticked = / checked/.test(input) || attribute('type') === 'hidden';
    if (ticked) form.append(attribute('name') ?? '', decoded(attribute('value') ?? ''));
  }
  return form;
}

/** Without one value of a field. */
export function without(form: URLSearchParams, name: string, value: string): URLSearchParams {
  return new URLSearchParams([...form].filter(([field, each]) => field !== name || each !== value));
}

/** A browser in which this person is signed in. */
export async function signedInBrowser(
  world: World,
  served: Pick<Served, 'url'>,
  account: { id: string; tenant: number },
  level: 1 | 2 = 2,
): Promise<Browser> {
  const browser = createBrowser(served);
  browser.setCookie(await signIn(world, account, level));
  return browser;
}

/** Through every page that comes, allowing all; answers what the app is told. */
export async function allow(browser: Browser, url: string, patient?: string): Promise<Record<string, string>> {
  let page = await browser.get(url);
  if (patient !== undefined && page.body.includes('Whose record?')) {
    page = await browser.post(`${page.url}/patient`, new URLSearchParams({ patient }));
  }
  if (page.body.includes('Let Growth chart in?')) page = await browser.post(`${page.url}/consent`, formOf(page));
  return told(page);
}

export const principalOf = async (served: Served, access_token: string) =>
  served.oauth.authenticate({
    authorization: `Bearer ${access_token}`,
    cookie: undefined,
    agent: undefined,
    dpop: undefined,
    method: 'GET',
    url: `${served.fhir}/Observation`,
    remote: '192.0.2.1',
    certificate: () => undefined,
  });
