import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, fault } from '@safeguard/kernel';

export const noBody: Buffer = Buffer.alloc(0);

/** True where the message's framing announces a body (RFC 9112 6.3). */
export const announcesBody = (request: IncomingMessage): boolean => {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
};

/** 415 unless the body is of a type that the route accepts, in UTF-8, and not compressed. */
export function checkContentType(request: IncomingMessage, accepts: readonly string[]): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw fault('unsupported', 'A body must come without Content-Encoding');
  const [essence = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (!accepts.includes(essence.trim())) throw fault('unsupported', `Content-Type must be ${accepts.join(' or ')}`);
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    throw fault('unsupported', 'The charset of a body must be UTF-8');
}

/** Memory that bodies in flight may take together: many large bodies at once must not be the end of the process. */
export interface BodyBudget {
  free_bytes: number;
}

export interface BodyLimits {
  readonly limit_bytes: number;
  /** Longest silence between two pieces of a body. */
  readonly idle_ms: number;
  readonly budget: BodyBudget;
}

const tooLarge = (limit_bytes: number): Fault =>
  fault('tooLarge', `The body is longer than the ${limit_bytes} bytes that are accepted here`);

/**
 * Reads a body whole. Throws `tooLarge` as soon as the limit is passed, without reading on; `timeout` when the
 * caller falls silent; `malformed` when the connection ends before the body does; `unavailable` when bodies in
 * flight already fill the budget. Give back what was taken with `release`.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { limit_bytes, idle_ms, budget }: BodyLimits,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit_bytes) return Promise.reject(tooLarge(limit_bytes));
  if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
  return new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const idle = setTimeout(() => settle(fault('timeout', 'The body stopped coming')), idle_ms);
    const settle = (failure?: Fault): void => {
      clearTimeout(idle);
      request.off('data', take).off('end', settle).off('close', cut).off('error', cut);
      if (failure === undefined) {
        resolve(chunks.length === 1 ? (chunks[0] ?? noBody) : Buffer.concat(chunks));
        return;
      }
      request.pause();
      budget.free_bytes += length;
      reject(failure);
    };
    const cut = (): void => settle(fault('malformed', 'The body ended before its announced length'));
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      budget.free_bytes -= chunk.length;
      chunks.push(chunk);
      if (length > limit_bytes) settle(tooLarge(limit_bytes));
      else if (budget.free_bytes < 0) settle(fault('unavailable', 'Too much is being received at once; try again'));
      else idle.refresh();
    };
    request.on('data', take).on('end', settle).on('close', cut).on('error', cut);
  });
}
