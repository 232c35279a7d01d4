import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CallerCertificate, Credential } from './types.ts';

/** One per connection: the handshake is over before the first request. */
const seen = new WeakMap<Socket, CallerCertificate | null>();

/** The certificate that the caller showed; undefined where none was asked for or shown. */
export function certificateOf(socket: Socket): CallerCertificate | undefined {
  const known = seen.get(socket);
  if (known !== undefined) return known ?? undefined;
  const raw = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
  const certificate = raw === undefined ? null : { raw, thumbprint: hash('sha256', raw, 'base64url') };
  seen.set(socket, certificate);
  return certificate ?? undefined;
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

/** What of a request shows who asks. The URL is on our own base: the caller's Host header decides nothing. */
export const credentialOf = (request: IncomingMessage, remote: string, base: string): Credential => ({
  authorization: request.headers.authorization,
  cookie: request.headers.cookie,
  agent: request.headers['user-agent'],
  dpop: single(request.headers.dpop),
  method: request.method ?? 'GET',
  url: base + (request.url ?? '/'),
  remote,
  certificate: () => certificateOf(request.socket),
});
