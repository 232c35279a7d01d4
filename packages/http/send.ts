import type { IncomingMessage, ServerResponse } from 'node:http';
import { fault } from '@safeguard/kernel';
import { announcesBody } from './body.ts';
import type { Answer } from './types.ts';

/**
 * What every answer carries. `no-store`: answers are private data (45 CFR 164.312(a)); the rest keeps a browser from
 * sniffing, framing, running or leaking what it is given (OWASP REST Security Cheat Sheet). A page sets its own policy.
 */
const always: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-resource-policy': 'same-origin',
};
/** RFC 6797: two years. Other servers below the name are the operator's to decide about: see `tls_hsts_subdomains`. */
const hsts = (more: string): Record<string, string> => ({ 'strict-transport-security': `max-age=63072000${more}` });

/** How an answer travels, and what is said of that. */
export type Transport = 'plain' | 'tls' | 'tls for subdomains';

const flat = (headers: Readonly<Record<string, string>>): string[] => Object.entries(headers).flat();
const base: Readonly<Record<Transport, Readonly<Record<string, string>>>> = {
  plain: { ...always },
  tls: { ...always, ...hsts('') },
  'tls for subdomains': { ...always, ...hsts('; includeSubDomains') },
};
const baseFlat: Readonly<Record<Transport, readonly string[]>> = {
  plain: flat(base.plain),
  tls: flat(base.tls),
  'tls for subdomains': flat(base['tls for subdomains']),
};

/** Headers that are not a handler's to say: framing, and what is promised of every answer. */
const reserved = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'x-request-id',
  'x-correlation-id',
  'server',
  'date',
]);
const sound = /^[\t\x20-\x7e]*$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Refuses headers that would break the framing (RFC 9110 5.5: no CR, LF, NUL); before the event is recorded. */
export function checkAnswer(answer: Answer): void {
  if (!Number.isInteger(answer.status) || answer.status < 200 || answer.status > 599)
    throw fault('internal', 'The server made an answer that it may not send');
  for (const [name, value] of Object.entries(answer.headers ?? {}))
    if (!token.test(name) || reserved.has(name.toLowerCase()) || !sound.test(value))
      throw fault('internal', 'The server made an answer that it may not send');
  if (answer.cookies?.some((cookie) => !sound.test(cookie)))
    throw fault('internal', 'The server made an answer that it may not send');
  if (answer.type !== undefined && !sound.test(answer.type))
    throw fault('internal', 'The server made an answer that it may not send');
}

function ownHeaders(answer: Answer, transport: Transport): string[] {
  if (answer.headers === undefined) return [...baseFlat[transport]];
  const merged: Record<string, string> = { ...base[transport] };
  for (const [name, value] of Object.entries(answer.headers)) {
    const known = name.toLowerCase();
    if (known in merged && known !== 'strict-transport-security') merged[known] = value;
    else if (known !== 'strict-transport-security') merged[name] = value;
  }
  return flat(merged);
}

const bodiless = (status: number): boolean => status === 204 || status === 304;

export interface Sending {
  readonly id: string;
  /** The caller's own id, given back. */
  readonly correlation: string | undefined;
  readonly transport: Transport;
  /** True when this connection is to end after the answer. */
  readonly last: boolean;
}

/**
 * After a refusal the rest of the body is let run off for this long and this much, so that the answer is not lost to
 * a reset.
 */
const linger = { duration_ms: 1_000, bytes: 1_048_576 };

function headerLines(answer: Answer, length: number, how: Sending, last: boolean): string[] {
  const headers = ownHeaders(answer, how.transport);
  headers.push('x-request-id', how.id);
  if (how.correlation !== undefined) headers.push('x-correlation-id', how.correlation);
  for (const cookie of answer.cookies ?? []) headers.push('set-cookie', cookie);
  if (length > 0) headers.push('content-type', answer.type ?? 'application/fhir+json; charset=utf-8');
  if (!bodiless(answer.status)) headers.push('content-length', String(length));
  if (last) headers.push('connection', 'close');
  return headers;
}

/**
 * Sends a recorded answer and returns the bytes of its body. An answer before the end of the body ends the
 * connection.
 */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer, how: Sending): number {
  const body = answer.body ?? '';
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const unread = !request.complete && announcesBody(request);
  response.writeHead(answer.status, headerLines(answer, length, how, how.last || unread));
  const payload = request.method === 'HEAD' || bodiless(answer.status) || length === 0 ? undefined : body;
  if (unread) sendThenDrain(request, response, payload);
  else if (payload === undefined) response.end();
  else response.end(payload);
  return payload === undefined ? 0 : length;
}

function sendThenDrain(request: IncomingMessage, response: ServerResponse, payload: string | Buffer | undefined): void {
  if (payload === undefined) response.flushHeaders();
  else response.write(payload);
  let left_bytes = linger.bytes;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', discard).off('end', finish).off('close', finish);
    response.end();
  };
  const discard = (chunk: Buffer): void => {
    left_bytes -= chunk.length;
    if (left_bytes < 0) finish();
  };
  const timer = setTimeout(finish, linger.duration_ms);
  request.on('data', discard).on('end', finish).on('close', finish).resume();
}
