import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { fault } from '@safeguard/kernel';
import {
  anonymous,
  createHttp,
  createLog,
  type Http,
  type HttpDeps,
  type HttpPorts,
  type HttpSettings,
  type Principal,
  type RequestEvent,
  type Route,
} from '../index.ts';

export const settings: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 4096, header_bytes: 4096, url_bytes: 1024, connections: 64, inflight_bytes: 1_000_000 },
  deadlines: { request_ms: 1000, ledger_ms: 300, headers_ms: 600, idle_ms: 400, keep_alive_ms: 2000, stop_ms: 1000 },
};

export const client: Principal = { ...anonymous, tenant: 7, kind: 'client', id: 'client-7', view: 'full' };

/** Knows one token; everything else is unauthenticated. */
export const authenticate: HttpPorts['authenticate'] = ({ authorization }) => {
  if (authorization === 'Bearer good') return client;
  throw fault('unauthenticated', 'A bearer token is required');
};

export const fhir = { auth: 'token', errors: 'fhir' } as const;

export interface Served {
  readonly http: Http;
  readonly port: number;
  readonly url: string;
  readonly events: RequestEvent[];
  readonly lines: () => string;
}

export interface ServeOptions extends Partial<Omit<HttpDeps, 'settings' | 'routes' | 'ports'>> {
  readonly record?: HttpPorts['record'];
  readonly ports?: Partial<HttpPorts>;
  readonly tls_client_certificates?: HttpSettings['tls_client_certificates'];
  readonly tls_hsts_subdomains?: HttpSettings['tls_hsts_subdomains'];
  readonly limits?: Partial<HttpSettings['limits']>;
  readonly deadlines?: Partial<HttpSettings['deadlines']>;
  readonly metrics?: HttpSettings['metrics'];
  readonly host?: string;
}

/** A server on a free loopback port with a ledger of paper. */
export async function serve(routes: readonly Route[], options: ServeOptions = {}): Promise<Served> {
  const events: RequestEvent[] = [];
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const keep = async (event: RequestEvent): Promise<void> => void events.push(event);
  const http = createHttp({
    routes,
    ports: { authenticate, record: options.record ?? keep, ...options.ports },
    settings: {
      ...settings,
      tls_client_certificates: options.tls_client_certificates,
      tls_hsts_subdomains: options.tls_hsts_subdomains,
      host: options.host ?? settings.host,
      limits: { ...settings.limits, ...options.limits },
      deadlines: { ...settings.deadlines, ...options.deadlines },
      ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    },
    tls: options.tls ?? 'off',
    log: options.log ?? createLog({ level: 'debug', destination }),
    health: options.health ?? { ready: async () => undefined },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const { port, url } = await http.listen();
  return { http, port, url, events, lines: () => text };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly raw: string;
}

export function parseReply(raw: string): Reply {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n'), raw };
}

/** Everything that a connection says until it ends or `duration_ms` are over. */
export const everything = (socket: Socket, duration_ms = 5_000): Promise<string> =>
  new Promise((resolve) => {
    let raw = '';
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(raw);
    };
    const timer = setTimeout(finish, duration_ms);
    socket.on('data', (chunk) => {
      raw += chunk.toString('latin1');
    });
    socket.on('error', finish).on('close', finish);
  });

/** Sends bytes as they are and reads until the server ends the connection. */
export function raw(port: number, bytes: string, duration_ms?: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return everything(socket, duration_ms);
}

/** One request of its own connection. */
export async function ask(
  port: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<Reply> {
  const all: Record<string, string> = {
    Host: 'localhost',
    Authorization: 'Bearer good',
    Connection: 'close',
    ...headers,
  };
  if (body !== undefined && all['Content-Length'] === undefined)
    all['Content-Length'] = String(Buffer.byteLength(body));
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const text = Buffer.from(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`).toString('latin1');
  return parseReply(await raw(port, text));
}
