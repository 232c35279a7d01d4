import type { IncomingMessage } from 'node:http';
import { type Fault, isUuid, newId } from '@safeguard/kernel';
import { noBody } from './body.ts';
import { certificateOf } from './credential.ts';
import { statusOf } from './status.ts';
import {
  anonymous,
  type Finding,
  type HttpPorts,
  type Principal,
  type RequestContext,
  type RequestEvent,
  type Route,
  type Target,
} from './types.ts';

/** The state of one request between its first byte and its last. */
export interface Exchange {
  readonly id: string;
  readonly at: number;
  readonly remote: string;
  readonly action: string;
  principal: Principal;
  /** Asked when the event is made: by then it is known what was decided. */
  because: HttpPorts['because'];
  body: Buffer;
  targets: readonly Target[];
  /** What the handler said of it beyond its route. */
  finding: Finding | undefined;
  /** Why the request is of no use any more: the deadline, or a caller that is gone. */
  ended: unknown;
  aborter: AbortController | undefined;
  /** Of an app in a browser, elsewhere, which may read the answer. */
  origin: string | undefined;
  /** True: a browser's question whether it may ask. It touches nothing and tells nothing, so it has no event. */
  silent: boolean;
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
  because: undefined,
  body: noBody,
  targets: [],
  finding: undefined,
  ended: undefined,
  aborter: undefined,
  origin: undefined,
  silent: false,
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

/** A person who acts through an app: the app is named beside them. */
const through = ({ client }: Principal): readonly Target[] =>
  client === undefined ? [] : [{ type: 'Client', id: client }];

/**
 * The one event of a request. Of a fault its own kind says how it ended, not the status of the page that tells it:
 * whoever is sent to sign in (303) was refused.
 */
export function eventOf(exchange: Exchange, status: number, targets: readonly Target[], told?: Fault): RequestEvent {
  const { principal, finding } = exchange;
  const reason = finding?.reason ?? told?.kind;
  const app = through(principal);
  return {
    id: exchange.id,
    at: exchange.at,
    kind: 'request',
    tenant: principal.tenant,
    actor: principal.id,
    view: principal.view,
    ...(principal.purpose === undefined ? {} : { purpose: principal.purpose }),
    action: finding?.action ?? exchange.action,
    outcome: finding?.outcome ?? outcomeOf(told === undefined ? status : statusOf(told)),
    status,
    ...(reason === undefined ? {} : { reason }),
    from: exchange.remote,
    ...exchange.because?.(principal),
    ...(finding?.asked === undefined ? {} : { asked: finding.asked }),
    targets: app.length === 0 ? targets : [...targets, ...app],
  };
}

/** An event with the Patients in whose records its targets are; those that are targets themselves stand there. */
export function naming(event: RequestEvent, patients: readonly string[] = []): RequestEvent {
  if (patients.length === 0) return event;
  const known = new Set(event.targets.flatMap(({ type, id }) => (type === 'Patient' ? id : [])));
  const others = [...new Set(patients)].filter((id) => !known.has(id));
  return others.length === 0 ? event : { ...event, patients: others };
}

/** Ids of all Patients in whose records the targets of an event are, as far as they are known. */
export const patientsOf = ({ targets, patients = [] }: Pick<RequestEvent, 'targets' | 'patients'>): string[] => [
  ...new Set([...patients, ...targets.flatMap(({ type, id }) => (type === 'Patient' ? id : []))]),
];

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
  url: call.request.url ?? '/',
  about(targets) {
    exchange.targets = targets;
  },
  found(finding) {
    if (finding.principal !== undefined) exchange.principal = finding.principal;
    if (finding.targets !== undefined) exchange.targets = finding.targets;
    exchange.finding = { ...exchange.finding, ...finding };
  },
  certificate: () => certificateOf(call.request.socket),
  event: (status, targets) => eventOf(exchange, status, targets),
});
