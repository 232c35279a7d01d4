import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecure, type PeerCertificate, type TLSSocket } from 'node:tls';
import { fault, type Probe } from '@safeguard/kernel';

const patience_ms = 4_000;

/** Of these nobody answered at all: nothing can be said of what would be. */
const unreachable = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';

/** Where the probe's server is. */
export function placeOf({ url }: Pick<Probe, 'url'>) {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { secure, host, port: Number(port === '' ? (secure ? 443 : 80) : port) };
}

export type Handshake =
  | { readonly done: true; readonly certificate: PeerCertificate; readonly protocol: string }
  | { readonly done: false; readonly code: string };

function connectTls(probe: Pick<Probe, 'url' | 'ca'>, options: ConnectionOptions): TLSSocket {
  const { host, port } = placeOf(probe);
  return connectSecure({
    ...{ host, port, ALPNProtocols: ['http/1.1'] },
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(probe.ca === undefined ? {} : { ca: probe.ca }),
    ...options,
  });
}

/** One real handshake, ended at once. @throws Fault `unavailable` where nobody answers */
export function handshake(probe: Pick<Probe, 'url' | 'ca'>, options: ConnectionOptions): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    let socket: TLSSocket;
    try {
      socket = connectTls(probe, options);
    } catch (error) {
      // What this side cannot even offer was not tried.
      resolve({ done: false, code: codeOf(error) });
      return;
    }
    const end = (): void => void socket.destroy();
    socket.setTimeout(patience_ms, () => socket.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
    socket.once('secureConnect', () => {
      resolve({ done: true, certificate: socket.getPeerCertificate(), protocol: socket.getProtocol() ?? '' });
      end();
    });
    socket.once('error', (cause) => {
      const code = codeOf(cause);
      if (unreachable.has(code)) reject(fault('unavailable', 'The server does not answer at its address.', { cause }));
      else resolve({ done: false, code });
    });
    socket.once('close', () => resolve({ done: false, code: 'closed' }));
  });
}

/** All that a connection says after `bytes`, until it ends or falls silent. */
export function say(socket: Socket, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const done = (): void => {
      socket.destroy();
      resolve(heard);
    };
    socket.setTimeout(patience_ms, done);
    socket.on('data', (piece: Buffer) => {
      heard += piece.toString('latin1');
    });
    socket.once('close', done);
    socket.once('error', (cause) => {
      if (unreachable.has(codeOf(cause))) {
        reject(fault('unavailable', 'The server does not answer at its address.', { cause }));
        return;
      }
      done();
    });
    socket.write(bytes, 'latin1');
  });
}

/** Bytes as they are over plain TCP, whatever the server speaks. */
export function sayPlain(probe: Pick<Probe, 'url'>, bytes: string): Promise<string> {
  const { host, port } = placeOf(probe);
  return say(connectPlain({ host, port }), bytes);
}

/** Bytes as they are, over TLS where the server speaks it. */
export function sayRaw(probe: Pick<Probe, 'url' | 'ca'>, bytes: string): Promise<string> {
  // Who it is, another check looks at; here an unknown certificate is not to hide the answer.
  return placeOf(probe).secure ? say(connectTls(probe, { rejectUnauthorized: false }), bytes) : sayPlain(probe, bytes);
}

/** The status of a raw answer; 0 where there is none. */
export const statusOfRaw = (heard: string): number => Number(/^HTTP\/1\.[01] (\d{3})/.exec(heard)?.[1] ?? 0);
