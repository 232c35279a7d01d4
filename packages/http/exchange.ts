import type { IncomingMessage } from 'node:http';
import { isUuid, newId } from '@safeguard/kernel';
import { noBody } from './body.ts';
import { anonymous, type Principal, type RequestContext, type RequestEvent, type Route, type Target } from './types.ts';

/** The state of one request between its first byte and its last. */
export interface Exchange {
  readonly id: string;
  readonly at: number;
  readonly remote: string;
  readonly action: string;
  principal: Principal;
  body: Buffer;
  targets: readonly Target[];
  /** Why the request is of no use any more: the deadline, or a caller that is gone. */
  ended: unknown;
  aborter: AbortController | undefined;
}

/**
 * A caller's own X-Correlation-Id, echoed where it is a UUID: anything else could carry what must not stand in a
 * header.
 * It is never the request's id: a caller that could choose the id of a ledger entry could make two entries share one.
 */
export function correlationOf(request: IncomingMessage): string | undefined {
  const given = request.headers['x-correlation-id'];
  return typeof given === 'string' && isUuid(given) ? given : undefined;
}

export const openExchange = (request: IncomingMessage, route: Route | undefined, at: number): Exchange => ({
  id: newId(),
  at,
  remote: request.socket.remoteAddress ?? 'unknown',
  action: route?.action ?? 'none',
  principal: anonymous,
  body: noBody,
  targets: [],
  ended: undefined,
  aborter: undefined,
});

/** Tells the handler that nobody waits any more. The first reason stands. */
export function endExchange(exchange: Exchange, reason: unknown): void {
  if (exchange.ended !== undefined) return;
  exchange.ended = reason;
  exchange.aborter?.abort(reason);
}

/** Made only for a handler that asks: most requests never need a signal. */
function signalOf(exchange: Exchange): AbortSignal {
  if (exchange.aborter === undefined) {
    exchange.aborter = new AbortController();
    if (exchange.ended !== undefined) exchange.aborter.abort(exchange.ended);
  }
  return exchange.aborter.signal;
}

/** What a status means to the ledger. */
export const outcomeOf = (status: number): RequestEvent['outcome'] => {
  if (status < 400) return 'permit';
  return status === 401 || status === 403 ? 'deny' : 'fail';
};

export const eventOf = (
  exchange: Exchange,
  status: number,
  targets: readonly Target[],
  reason?: string,
): RequestEvent => ({
  id: exchange.id,
  at: exchange.at,
  kind: 'request',
  tenant: exchange.principal.tenant,
  actor: exchange.principal.id,
  view: exchange.principal.view,
  action: exchange.action,
  outcome: outcomeOf(status),
  status,
  ...(reason === undefined ? {} : { reason }),
  from: exchange.remote,
  targets,
});

export interface Call {
  readonly request: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly base: string;
}

/** What the handler sees. */
export const contextOf = (exchange: Exchange, call: Call): RequestContext => ({
  id: exchange.id,
  at: exchange.at,
  principal: exchange.principal,
  method: call.request.method ?? 'GET',
  params: call.params,
  query: call.query,
  headers: call.request.headers,
  body: exchange.body,
  remote: exchange.remote,
  base: call.base,
  get signal() {
    return signalOf(exchange);
  },
  about(targets) {
    exchange.targets = targets;
  },
  event: (status, targets) => eventOf(exchange, status, targets),
});
