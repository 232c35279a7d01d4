import { agent, base, type Process } from './house.ts';

/** A browser: keeps cookies by name and path, follows redirects on our own address, stops at the app's. */
export function browser({ fetch }: Pick<Process, 'fetch'>, signedIn?: string) {
  const jar = new Map<string, { value: string; path: string }>();
  const learn = (answer: Response): void => {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/; */);
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
      const over = attributes.some((one) => /^expires=Thu, 01 Jan 1970/i.test(one) || /^max-age=0$/i.test(one));
      if (over) jar.delete(name);
      else jar.set(name, { value: pair.slice(pair.indexOf('=') + 1), path });
    }
  };
  const cookies = (path: string): string =>
    [
      ...(signedIn === undefined ? [] : [signedIn]),
      ...[...jar].filter(([, one]) => path.startsWith(one.path)).map(([name, { value }]) => `${name}=${value}`),
    ].join('; ');
  const get = async (url: string): Promise<Response> => {
    const { pathname } = new URL(url);
    const headers = { cookie: cookies(pathname), 'user-agent': agent, accept: 'text/html' };
    const answer = await fetch(url, { headers });
    learn(answer);
    return answer;
  };
  return {
    get,
    cookies,
    signIn(cookie: string) {
      signedIn = cookie;
    },
    /** Where the browser ends up: an address of the app's, or the answer it stays at. */
    async go(url: string): Promise<{ url: URL; answer: Response }> {
      let at = url;
      for (let hops = 0; hops < 10; hops++) {
        const answer = await get(at);
        const location = answer.headers.get('location');
        if (location === null) return { url: new URL(at), answer };
        at = new URL(location, at).href;
        if (!at.startsWith(base)) return { url: new URL(at), answer };
      }
      throw new Error('too many redirects');
    },
  };
}
