import { createHttp, type Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import type { RecordsDeps } from '../index.ts';
import { openHouse } from './house.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape, as a client sees it
  readonly json: any;
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: Partial<Principal>;
}

const settings = {
  host: '127.0.0.1',
  port: 0,
  limits: {
    body_bytes: 1 << 22,
    header_bytes: 16_384,
    url_bytes: 8_192,
    connections: 200,
    inflight_bytes: 1 << 27,
  },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};

const whole: Principal = { tenant: 1, kind: 'client', id: newId(), scopes: ['system/*.cruds'], view: 'full' };

/** The house behind the real HTTP: paths, methods, negotiation and errors as a client meets them. */
export async function openServed(more: Partial<RecordsDeps> = {}) {
  const house = await openHouse(more);
  const quiet = (): void => undefined;
  const log = { info: quiet, warn: quiet, error: quiet, request: quiet };
  const http = createHttp({
    routes: house.records.routes(),
    ports: {
      authenticate: ({ authorization }) => JSON.parse(Buffer.from((authorization ?? '').slice(7), 'base64').toString()),
      record: async (event) => {
        await house.ledger.append(event.tenant, [event]);
      },
    },
    settings,
    tls: 'off',
    log: log as never,
    health: { ready: async () => undefined },
  });
  const { url } = await http.listen();
  const send = async (method: string, path: string, { body, headers = {}, as = {} }: Sent = {}): Promise<Reply> => {
    const principal = Buffer.from(JSON.stringify({ ...whole, ...as })).toString('base64');
    const target = path.startsWith('http') ? path : `${url}/fhir/R4${path}`;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(target, {
      method,
      headers: {
        authorization: `Bearer ${principal}`,
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: text }),
    });
    const received = await answer.text();
    const json = received.startsWith('{') ? JSON.parse(received) : undefined;
    return { status: answer.status, headers: answer.headers, text: received, json };
  };
  return {
    ...house,
    send,
    url,
    close: async () => {
      await http.close();
      await house.close();
    },
  };
}

export type Served = Awaited<ReturnType<typeof openServed>>;
