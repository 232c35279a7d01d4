import { connect } from 'node:net';

/** A request as bytes, so that the answer can be judged as bytes. */
export interface RawAsked {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawAnswer {
  readonly name: string;
  readonly status: number;
  /** Everything that came over the wire. */
  readonly bytes: Buffer;
  readonly took_ms: number;
}

/** One request on a connection of its own; resolves when the server has ended it. */
export function raw(url: string, { name, method = 'GET', path, headers = {}, body }: RawAsked): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const begun = performance.now();
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const fields = { host: `${hostname}:${port}`, connection: 'close', ...length, ...headers };
  const head = Object.entries(fields).map(([field, value]) => `${field}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[1] ?? 0);
      resolve({ name, status, bytes, took_ms: Math.round(performance.now() - begun) });
      socket.end();
    });
    socket.write(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body ?? ''}`);
  });
}
