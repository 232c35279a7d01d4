import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { fault } from '@safeguard/kernel';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A FHIR server on keep-alive connections. */
export interface Endpoint {
  /** Base without a slash at its end: `https://localhost:8443/fhir/R4`. */
  readonly base: string;
  /** Sends one request. Rejects with a Fault `unavailable`, whose cause is the system's error, when no answer came. */
  exchange(method: string, url: string, headers?: Record<string, string>, body?: Buffer | string): Promise<Reply>;
  close(): void;
}

const silence_ms = 330_000;
const max_answer_bytes = 512 * 1024 * 1024;

function told(url: URL, error: NodeJS.ErrnoException): Error {
  const where = url.host;
  const untrusted = `the certificate of ${where} is of no authority that is trusted here: name it with --ca`;
  const words: Record<string, string> = {
    ECONNREFUSED: `nothing listens on ${where}`,
    ENOTFOUND: `there is no host ${url.hostname}`,
    ETIMEDOUT: `${where} does not answer`,
    ECONNRESET: `${where} closed the connection`,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
    SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  };
  const text = words[error.code ?? ''] ?? `${where}: ${error.code ?? 'the connection failed'}`;
  return fault('unavailable', text, { cause: error });
}

function authority(ca: string | null | undefined): { ca?: Buffer } {
  if (ca === null || ca === undefined) return {};
  try {
    return { ca: readFileSync(ca) };
  } catch (cause) {
    throw fault('invalid', `the certificate authority ${ca} cannot be read`, { cause });
  }
}

/** Opens an endpoint; `ca` is the file of the authority to trust, `sockets` the connections at most. */
export function openEndpoint(
  base: string,
  { ca, sockets }: { ca?: string | null | undefined; sockets: number },
): Endpoint {
  if (!/^https?:\/\/[^/]/.test(base) || !URL.canParse(base)) {
    throw fault('invalid', 'the URL of the server begins with https:// and ends with its FHIR base, such as /fhir/R4');
  }
  const secure = base.startsWith('https:');
  const limits = { keepAlive: true, maxSockets: sockets };
  const agent = secure ? new HttpsAgent({ ...limits, ...authority(ca) }) : new HttpAgent(limits);
  const request = secure ? httpsRequest : httpRequest;
  const exchange = (
    method: string,
    address: string,
    headers: Record<string, string> = {},
    body?: Buffer | string,
  ): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const url = new URL(address);
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { method, agent, headers: { ...headers, ...length }, timeout: silence_ms };
      const outgoing = request(url, options, (incoming) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (part: Buffer) => {
          bytes += part.length;
          if (bytes > max_answer_bytes) incoming.destroy(new Error('answer too large'));
          else parts.push(part);
        });
        incoming.on('error', (error) => reject(told(url, error)));
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
      outgoing.on('error', (error) => reject(told(url, error)));
      outgoing.end(body);
    });
  return { base: base.replace(/\/+$/, ''), exchange, close: () => agent.destroy() };
}
