import { code, firefox, type Person, password } from '../sign-in/house.ts';
import type { Site } from './site.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it leads, without our own base. */
  readonly to: string;
}

type Given = Readonly<Record<string, string>>;

/** A browser without a screen: keeps cookies, follows nothing, says in its forms that they are of our own pages. */
export function visitor(site: Pick<Site, 'url'>, agent = firefox) {
  const jar = new Map<string, string>();
  const keep = (line: string): void => {
    const [pair = '', ...rules] = line.split('; ');
    const at = pair.indexOf('=');
    if (rules.includes('Max-Age=0')) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  };
  const ask = async (method: string, path: string, headers: Given, body?: string): Promise<Reply> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(site.url + path, {
      method,
      redirect: 'manual',
      headers: { 'User-Agent': agent, ...(cookie === '' ? {} : { Cookie: cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of answer.headers.getSetCookie()) keep(line);
    const to = (answer.headers.get('location') ?? '').replace(site.url, '');
    return { status: answer.status, headers: answer.headers, text: await answer.text(), to };
  };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return {
    jar,
    get: (path: string) => ask('GET', path, {}),
    head: (path: string) => ask('HEAD', path, {}),
    post: (path: string, fields: Given = {}, headers: Given = { Origin: site.url }) =>
      ask('POST', path, { ...form, ...headers }, new URLSearchParams(fields).toString()),
  };
}
export type Visitor = ReturnType<typeof visitor>;

export const login = (who: Visitor, given: { login: string; password?: string; return?: string }): Promise<Reply> =>
  who.post('/sign-in', { password, tenant: 'default', ...given });

/** Password and app; answers the last step's reply. */
export async function signedIn(site: Site, person: Person, more: { return?: string } = {}, agent = firefox) {
  const who = visitor(site, agent);
  await login(who, { login: person.login, ...more });
  site.clock.at += 30_000;
  const reply = await who.post('/sign-in/second/code', { code: code(site, person.secret) });
  return { who, reply };
}
