import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Ask, Target } from './plan.ts';
import { type Response, responseReader } from './response.ts';

/** A keep-alive connection with one request outstanding at most. */
export interface Connection {
  exchange(bytes: Buffer): Promise<Response>;
  close(): void;
}

function open({ host, port }: Target, ca: string | undefined, source: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const tls = ca === undefined ? undefined : { ca, servername: 'localhost' };
    const place = { host, port, ...(source === undefined ? {} : { localAddress: source }) };
    const socket: Socket = tls ? connectTls({ ...place, ...tls }) : connect(place);
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Opens a connection. `ca`: the authority's certificate (PEM), undefined without TLS; `source`: our own address. */
export async function openConnection(target: Target, ca: string | undefined, source?: string): Promise<Connection> {
  const socket = await open(target, ca, source);
  const read = responseReader();
  let waiting: { resolve(response: Response): void; reject(error: Error): void } | undefined;
  let broken: Error | undefined;
  const fail = (error: Error): void => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = undefined;
    socket.destroy();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (chunk) => {
    try {
      const response = read(chunk);
      if (response === undefined) return;
      const asker = waiting;
      waiting = undefined;
      asker?.resolve(response);
    } catch (error) {
      fail(error as Error);
    }
  });
  return {
    exchange: (bytes) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

const fhir = 'application/fhir+json';

const fhirHeaders = (token: string | undefined, hasBody: boolean): Record<string, string> => ({
  accept: fhir,
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(hasBody ? { 'content-type': fhir } : {}),
});

/** A request as it goes over the wire. */
export function wireOf({ method, path, body, headers }: Ask, { host, port, token }: Target): Buffer {
  const sent = body === undefined ? undefined : Buffer.from(body);
  const fields: Record<string, string> = {
    host: `${host}:${port}`,
    ...(headers ?? fhirHeaders(token, sent !== undefined)),
    ...(sent === undefined ? {} : { 'content-length': String(sent.length) }),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const head = Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
  return sent === undefined ? head : Buffer.concat([head, sent]);
}
