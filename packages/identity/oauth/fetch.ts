import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { fault } from '@safeguard/kernel';
import { isPublicAddress } from './addresses.ts';
import type { Resolve } from './types.ts';

export interface FetchSettings {
  /** Hosts (with their port, where it is not 443) that may be private. */
  readonly allow?: readonly string[];
  /** Authorities (PEM) that are trusted beside the system's: of a network of one's own. */
  readonly ca?: readonly string[];
  readonly resolve?: Resolve;
  readonly timeout_ms?: number;
  /**
   * True for an identity provider: answers of POST (its token endpoint) and refusals are read too, up to 256 KiB. Else
   * only what a GET brings, up to 64 KiB.
   */
  readonly answers?: boolean;
}

/** As `fetch` has it, for what oidc-provider asks of it. */
export type SafeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const timeout_ms = 5_000;
const most_bytes = { plain: 65_536, answers: 262_144 };

/** One text for every reason: who names an address learns nothing of our network by it. */
const refused = (cause?: unknown) => fault('invalid', 'An address of the client could not be fetched.', { cause });

const resolveName: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/** The one address to connect to; every address of the name must be public, so that none is picked by luck. */
async function pinned(url: URL, { allow = [], resolve = resolveName }: FetchSettings) {
  const host = bare(url.hostname);
  const literal = isIP(host);
  const found = literal === 0 ? await resolve(host) : [{ address: host, family: literal === 6 ? 6 : 4 } as const];
  const [first] = found;
  if (first === undefined) throw refused();
  if (!allow.includes(url.host) && !found.every(({ address }) => isPublicAddress(address))) throw refused();
  return first;
}

function checkUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') throw refused();
  return url;
}

async function bodyOf(response: IncomingMessage, limit_bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit_bytes) throw refused();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const isJson = (type: string | undefined): boolean => /^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i.test(type ?? '');

async function answerOf(response: IncomingMessage, method: string, answers: boolean): Promise<Response> {
  const status = response.statusCode ?? 0;
  // A redirect would name another address; it is an answer like any other, and no success.
  const succeeded = status >= 200 && status <= 299;
  const reads = answers ? succeeded || status >= 400 : succeeded && method === 'GET';
  if (!reads) {
    response.destroy();
    return new Response(null, { status: status >= 200 && status <= 599 ? status : 502 });
  }
  if (!isJson(response.headers['content-type'])) throw refused();
  // Its own word on how long it may be kept is left out: a key that was taken back must not live on here.
  return new Response(new Uint8Array(await bodyOf(response, answers ? most_bytes.answers : most_bytes.plain)), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

const headersOf = (init: RequestInit | undefined): Record<string, string> => {
  const headers = Object.fromEntries(new Headers(init?.headers));
  delete headers['user-agent'];
  return headers;
};

/**
 * Asks a server that a client named (its keys, its log-out address) and can reach nothing else: https alone, a name
 * resolved here and the connection bound to the address that was judged (no second look-up, so no rebinding), no
 * redirect followed, 5 s, 64 KiB, JSON. Fault `invalid` in one text for whatever goes wrong.
 */
export function createSafeFetch(settings: FetchSettings = {}): SafeFetch {
  return async (input, init) => {
    const url = checkUrl(input instanceof Request ? input.url : String(input));
    const method = init?.method ?? 'GET';
    const body = init?.body === undefined || init.body === null ? undefined : String(init.body);
    try {
      const signal = AbortSignal.timeout(settings.timeout_ms ?? timeout_ms);
      const { address, family } = await Promise.race([pinned(url, settings), aborted(signal)]);
      const options: RequestOptions = {
        method,
        headers: {
          ...headersOf(init),
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        },
        lookup: (_host, { all }, done) =>
          all === true ? done(null, [{ address, family }]) : done(null, address, family),
        servername: isIP(bare(url.hostname)) === 0 ? url.hostname : '',
        agent: false,
        signal,
        maxHeaderSize: 8_192,
        ...(settings.ca === undefined ? {} : { ca: [...rootCertificates, ...settings.ca] }),
      };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(url, options, resolve).on('error', reject).end(body);
      });
      return await answerOf(response, method, settings.answers === true);
    } catch (error) {
      throw refused(error);
    }
  };
}
