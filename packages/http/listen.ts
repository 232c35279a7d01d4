import {
  createServer as createPlain,
  type Server as PlainServer,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import { createServer as createSecure, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Life } from './lifecycle.ts';
import { type Credentials, tlsOptions } from './tls.ts';

export type Server = PlainServer | SecureServer;

const check_ms = 500;
/**
 * The parser's own limit on a whole request; behind every deadline of a route, so that the route's answer comes
 * first.
 */
const backstop_ms = 5_000;

function options({ settings }: Life, longest_ms: number): ServerOptions {
  const { deadlines, limits } = settings;
  return {
    maxHeaderSize: limits.header_bytes,
    headersTimeout: deadlines.headers_ms,
    requestTimeout: Math.max(longest_ms, deadlines.headers_ms) + backstop_ms,
    keepAliveTimeout: deadlines.keep_alive_ms,
    connectionsCheckingInterval: check_ms,
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  };
}

/** A certificate of the caller's is taken whoever signed it: `identity` compares it with what a client registered. */
const certificates = ({ settings }: Life): { readonly requestCert?: true; readonly rejectUnauthorized?: false } =>
  settings.tls_client_certificates === 'ask' ? { requestCert: true, rejectUnauthorized: false } : {};

/**
 * A server for one address. Requests that expect `100-continue` take the same way as the others: the word to go on is
 * given by whoever reads the body, after the caller is known.
 */
export function createServer(life: Life, serve: RequestListener, tls: Credentials | 'off', longest_ms: number): Server {
  const http = options(life, longest_ms);
  const server =
    tls === 'off'
      ? createPlain(http, serve)
      : createSecure(
          { ...http, ...tlsOptions(tls.current(), life.settings.deadlines.headers_ms), ...certificates(life) },
          serve,
        );
  server.maxConnections = life.settings.limits.connections;
  // Header bytes are limited; a limit on their number would drop the last ones in silence, `If-Match` among them.
  server.maxHeadersCount = 0;
  server.setTimeout(http.requestTimeout);
  server.on('checkContinue', serve).on('checkExpectation', serve);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseBytes(life, error, socket as Socket));
  return server;
}

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Bytes that never became a request: a bare status and the end of the connection. No ledger entry, but a count. */
function refuseBytes(life: Life, error: NodeJS.ErrnoException, socket: Socket): void {
  const code = error.code ?? '';
  const line = statusLines[code] ?? (code.startsWith('HPE_') ? '400 Bad Request' : undefined);
  life.metrics.unparsed(line?.slice(0, 3) ?? 'none');
  if (line === undefined || !socket.writable || life.busy.has(socket)) return void socket.destroy();
  socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  setTimeout(() => socket.destroy(), check_ms).unref();
}

const bind = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

const optional = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** Binds every address of `host`; `localhost` is both loopback addresses, the second only where the machine has it. */
export async function listen(
  make: () => Server,
  host: string,
  port: number,
): Promise<{ servers: Server[]; port: number }> {
  const first = make();
  const bound = await bind(first, host === 'localhost' ? '127.0.0.1' : host, port);
  if (host !== 'localhost') return { servers: [first], port: bound };
  const second = make();
  try {
    await bind(second, '::1', bound);
    return { servers: [first, second], port: bound };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // A port that the system chose for the first address may be taken on the second: only a chosen port must be whole.
    if (optional.has(code) || (port === 0 && code === 'EADDRINUSE')) return { servers: [first], port: bound };
    first.close();
    throw error;
  }
}
