import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import type { SafeFetch } from '../../federation/types.ts';
import { base } from './house.ts';

export const issuer = 'https://idp.example';
export const client_id = 'safeguard';
export const client_secret = 'a-client-secret-of-the-test';

/** Whom the provider signs in, and what it says of them. */
export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly email_verified?: boolean;
  readonly acr?: string;
  readonly amr?: readonly string[];
}

const configuration = (redirects: () => readonly string[], who: () => Person): Configuration => ({
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [`${base}/unused`],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  cookies: { keys: ['a-key-of-the-test'] },
  claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  acrValues: ['urn:two-factors'],
  async findAccount(_context, sub) {
    const { email, email_verified = true } = who();
    return { accountId: sub, claims: () => ({ sub, email, email_verified, name: 'Ada L.' }) };
  },
  async loadExistingGrant(context) {
    const { Grant } = context.oidc.provider;
    const grant = new Grant({ clientId: client_id, accountId: context.oidc.session?.accountId ?? '' });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  // Registered for every provider of ours: each has an address of its own.
  ...({ redirects } as object),
});

async function signIn(idp: Provider, request: IncomingMessage, response: ServerResponse, who: Person): Promise<void> {
  const { sub, acr, amr } = who;
  await idp.interactionFinished(request, response, {
    login: {
      accountId: sub,
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr: [...amr] }),
    },
  });
}

export interface OidcIdp {
  readonly fetch: SafeFetch;
  /** How often each path was asked by our server. */
  readonly asked: Map<string, number>;
  person: Person;
  /** What a browser does at the provider, until it is sent back to us. */
  walk(address: string, jar?: Map<string, string>): Promise<URL>;
  close(): Promise<void>;
}

/**
 * A real provider (oidc-provider) on loopback, called https://idp.example. The injected fetch alone knows the way: this
 * is what a wired one does where a host is allowed.
 */
export async function openIdp(): Promise<OidcIdp> {
  let person: Person = { sub: 'ada', email: 'ada@clinic.example' };
  const asked = new Map<string, number>();
  const idp = new Provider(
    issuer,
    configuration(
      () => [],
      () => person,
    ),
  );
  idp.proxy = true;
  // The test registers no client per provider: its redirect addresses are all below ours.
  idp.Client.prototype.redirectUriAllowed = (uri: string) => uri.startsWith(`${base}/federation/`);
  const handle = idp.callback();
  const server: Server = createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void handle(request, response);
    signIn(idp, request, response, person).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const through = (url: URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('x-forwarded-proto', 'https');
    headers.set('x-forwarded-host', 'idp.example');
    return fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, { ...init, headers, redirect: 'manual' });
  };
  return {
    asked,
    get person() {
      return person;
    },
    set person(next) {
      person = next;
    },
    fetch(address, init) {
      const url = new URL(address);
      if (url.origin !== issuer) return Promise.reject(new Error('another host'));
      asked.set(url.pathname, (asked.get(url.pathname) ?? 0) + 1);
      return through(url, init);
    },
    async walk(address, jar = new Map()) {
      let url = new URL(address);
      for (let hop = 0; hop < 8 && url.origin === issuer; hop += 1) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await through(url, { headers: { cookie } });
        for (const each of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
          jar.set(name, value);
        }
        const location = answer.headers.get('location');
        if (location === null) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`);
        url = new URL(location, url);
      }
      return url;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
