import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type Fault, fault } from '@safeguard/kernel';
import { announcesBody, type BodyBudget, checkContentType, readBody } from './body.ts';
import { isPreflight, knownOrigin, preflight, readableFrom } from './cors.ts';
import { credentialOf } from './credential.ts';
import { within } from './deadline.ts';
import { answerOfFault, asFault, type ErrorContext } from './errors.ts';
import {
  type Call,
  contextOf,
  correlationOf,
  type Exchange,
  endExchange,
  eventOf,
  naming,
  openExchange,
  outcomeOf,
} from './exchange.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { checkOrigin } from './origin.ts';
import { checkAnswer, send, type Transport } from './send.ts';
import type { HttpSettings } from './settings.ts';
import type { Answer, AskedForm, Credential, HttpPorts, Principal, RequestEvent, Route, TellOutcome } from './types.ts';

/** Where a request came in: its route, or why it has none. */
export interface Entry {
  readonly route: Route | undefined;
  /** The route's pattern, the only form of a path that is ever logged or counted; `none` without a route. */
  readonly pattern: string;
  readonly style: Route['errors'];
  /** How an OperationOutcome is told here: the route's way, or its neighbours'. */
  readonly tell?: TellOutcome | undefined;
  /** Refused before any handler: unknown path, wrong method, unreadable target. */
  readonly refusal?: { readonly told: Fault; readonly status?: number; readonly headers?: Record<string, string> };
}

export interface Life {
  readonly ports: HttpPorts;
  readonly settings: HttpSettings;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly transport: Transport;
  readonly budget: BodyBudget;
  /** Requests that are not finished; `stop` waits for them. */
  readonly open: Set<Exchange>;
  /** Connections with a request on them: an error of the parser must not write into an answer. */
  readonly busy: WeakSet<object>;
  stopping: boolean;
  base: string;
}

/**
 * The life of a request, top to bottom. (TLS, header limits and the time for headers lie before it: `listen.ts`.)
 *
 *  1. id          ours, never the caller's
 *  2. limits      target length, known path, known method
 *  3. deadline    an AbortSignal for the handler, and an answer in time for the caller
 *  4. origin: an approved app's, where a token speaks; our own, where a cookie may; authenticate
 *  5. content type, then the body
 *  6. handle
 * 7. record durable in the ledger BEFORE the first byte of the answer; if that fails: 503, and nothing of the answer
 *  8. send
 *
 * Never throws, never leaves a request without an answer or without its one event.
 */
export async function live(
  life: Life,
  entry: Entry,
  request: IncomingMessage,
  response: ServerResponse,
  call: Omit<Call, 'base' | 'request'>,
): Promise<void> {
  const started = performance.now();
  const exchange = openExchange(request, entry.route, life.clock.now());
  life.open.add(exchange);
  life.busy.add(request.socket);
  response.on('close', () => {
    life.busy.delete(request.socket);
    if (!response.writableEnded) endExchange(exchange, fault('timeout', 'The caller went away'));
  });
  const judged = await judge(life, entry, exchange, { request, response, ...call });
  const answer = readableFrom(exchange.origin, entry, await recorded(life, entry, exchange, judged, request));
  life.budget.free_bytes += exchange.body.length;
  const close = (): boolean => life.open.delete(exchange);
  if (response.destroyed) close();
  else response.on('close', close);
  const how = {
    id: exchange.id,
    correlation: correlationOf(request),
    transport: life.transport,
    last: life.stopping,
  };
  const bytes = response.destroyed ? 0 : send(request, response, answer, how);
  // A caller that reads too slowly holds memory: its connection may be silent no longer than a sender's.
  if (response.writableLength > 0) request.socket.setTimeout(life.settings.deadlines.idle_ms);
  const duration_ms = performance.now() - started;
  life.metrics.observe(entry.pattern, request.method ?? '', answer.status, duration_ms);
  life.log.request({
    id: exchange.id,
    method: request.method ?? '',
    route: entry.pattern,
    status: answer.status,
    duration_ms: Math.round(duration_ms * 1000) / 1000,
    bytes,
  });
}

/** An answer together with what the ledger is to say of it. */
interface Judged {
  readonly answer: Answer;
  readonly event: RequestEvent;
}

interface Parties extends Omit<Call, 'base'> {
  readonly response: ServerResponse;
}

/** Steps 2 to 6: an answer in every case, within the deadline. */
async function judge(life: Life, entry: Entry, exchange: Exchange, parties: Parties): Promise<Judged> {
  try {
    const deadline_ms = entry.route?.deadline_ms ?? life.settings.deadlines.request_ms;
    const work = answered(life, entry, exchange, parties);
    const answer = await within(deadline_ms, work, () => expire(life, entry, exchange, parties, work));
    checkAnswer(answer);
    const targets = answer.targets ?? exchange.targets;
    return { answer, event: answer.event ?? naming(eventOf(exchange, answer.status, targets), answer.patients) };
  } catch (thrown) {
    return refused(life, entry, exchange, parties.request, asFault(thrown));
  }
}

/** Steps 4 to 6. */
async function answered(life: Life, entry: Entry, exchange: Exchange, parties: Parties): Promise<Answer> {
  const { route, refusal } = entry;
  const { request, response } = parties;
  if (request.headers.origin !== undefined) exchange.origin = await knownOrigin(life.ports, entry, request);
  if (refusal !== undefined) return unreached(life, entry, exchange, request, refusal.told);
  if (route === undefined) throw fault('missing', 'There is nothing at this address');
  checkOrigin(route, request, life.base);
  if (route.auth !== 'none') {
    exchange.principal = await principalOf(life, route, exchange, request);
    exchange.because = life.ports.because;
    if (life.ports.entitle !== undefined) exchange.principal = await entitled(life.ports, exchange, request);
  }
  if (route.accepts !== undefined && announcesBody(request)) {
    checkContentType(request, route.accepts);
    exchange.body = await readBody(request, response, {
      limit_bytes: route.limit_bytes ?? life.settings.limits.body_bytes,
      idle_ms: life.settings.deadlines.idle_ms,
      budget: life.budget,
    });
  }
  return route.handle(contextOf(exchange, { ...parties, base: life.base }));
}

/** A browser that asks whether it may ask is told so; everything else is refused. */
function unreached(life: Life, entry: Entry, exchange: Exchange, request: IncomingMessage, told: Fault): Answer {
  const methods = entry.refusal?.headers?.['Allow'];
  if (methods === undefined || !isPreflight(life.ports, entry, request)) throw told;
  const answer = preflight(exchange.origin, methods);
  exchange.silent = true;
  return answer;
}

/** Step 4. A token where the route takes one and the request brings one; else whoever is signed in at our pages. */
function principalOf(
  { ports, base }: Life,
  route: Route,
  { remote }: Exchange,
  request: IncomingMessage,
): Principal | Promise<Principal> {
  const credential = credentialOf(request, remote, base);
  const byToken = route.auth === 'token' || (route.auth === 'either' && credential.authorization !== undefined);
  return byToken ? ports.authenticate(credential) : signedIn(ports, credential);
}

/** Who asks is known already, and stands in the ledger even when what they may cannot be found out. */
function entitled({ entitle }: HttpPorts, { principal, at, remote }: Exchange, { headers }: IncomingMessage) {
  const [purpose, view] = [headers['purpose-of-use'], headers['safeguard-view']].map((one) => one?.toString());
  return entitle?.(principal, { at, remote, purpose, view }) ?? principal;
}

async function signedIn(ports: HttpPorts, credential: Credential): Promise<Principal> {
  const principal = await ports.signedIn?.(credential);
  if (principal === undefined) throw fault('unauthenticated', 'Nobody is signed in.');
  return principal;
}

/** The deadline has passed: the handler is told, and if it still finishes a write, the ledger hears of that as well. */
function expire(life: Life, entry: Entry, exchange: Exchange, parties: Parties, work: Promise<Answer>): Fault {
  const told = parties.request.complete
    ? fault('unavailable', 'The request could not be finished in time', mayHaveWritten(parties.request))
    : fault('timeout', 'The request did not arrive in time');
  endExchange(exchange, told);
  work.then(
    (answer) => recordLate(life, exchange, answer),
    (reason: unknown) => life.log.warn('a request failed after its deadline', { id: exchange.id, error: reason }),
  );
  life.log.warn('a request passed its deadline', { id: exchange.id, route: entry.pattern });
  return told;
}

/**
 * A write that committed after its caller was told 503: its own event is chained beside the refusal. If that fails,
 * the intent that stands with the data is chained at the next start.
 */
async function recordLate(life: Life, exchange: Exchange, answer: Answer): Promise<void> {
  if (answer.event === undefined) return;
  try {
    await life.ports.record(answer.event);
    answer.chained?.();
  } catch (thrown) {
    life.log.error('a late event was not recorded', { id: exchange.id, error: thrown });
  }
}

/** A fault, told in the words of the route, with the reason that the ledger keeps: the kind, never a text. */
function refused(life: Life, entry: Entry, exchange: Exchange, request: IncomingMessage, told: Fault): Judged {
  if (told.kind === 'internal')
    life.log.error('a request failed', { id: exchange.id, route: entry.pattern, error: told });
  if (told.kind === 'unavailable')
    life.log.warn('a part did not answer', { id: exchange.id, route: entry.pattern, error: told });
  const answer = answerOfFault(told, {
    id: exchange.id,
    style: entry.style,
    tell: entry.tell,
    asked: formOf(request),
    hadCredentials: request.headers.authorization !== undefined,
    page: pageOf(life, request),
    ...entry.refusal,
  });
  return { answer, event: eventOf(exchange, answer.status, exchange.targets, told) };
}

const longestShown = 2_000;

/** How a fault becomes a page, where there are pages. */
const pageOf =
  ({ ports }: Life, { method = '', url = '/' }: IncomingMessage): ErrorContext['page'] =>
  (told, { id, status }) =>
    ports.page?.(told, { id, status, method, url: url.slice(0, longestShown) });

/** Read from the target itself: where no route is, nothing has taken it apart. */
const formOf = ({ headers, url = '' }: IncomingMessage): AskedForm => ({
  accept: headers.accept,
  format: new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length)).get('_format'),
});

/** Step 7. An answer whose event is not durable does not leave: this is the only way from `judge` to `send`. */
async function recorded(
  life: Life,
  entry: Entry,
  exchange: Exchange,
  { answer, event }: Judged,
  request: IncomingMessage,
): Promise<Answer> {
  const silent = entry.route?.ledger === false || exchange.silent;
  if (silent && outcomeOf(event.status) !== 'deny') return answer;
  try {
    const chaining = chain(life, event, answer);
    await within(patience(life, answer), chaining, () => {
      chaining.catch((late: unknown) => life.log.error('an event was not recorded', { id: exchange.id, error: late }));
      return fault('unavailable', 'The audit log did not answer in time');
    });
    return answer;
  } catch (thrown) {
    life.metrics.unrecorded();
    life.log.error('an event was not recorded', { id: exchange.id, route: entry.pattern, error: thrown });
    const told = answer.event === undefined ? unrecorded : unrecordedWrite;
    const { style, tell } = entry;
    const page = pageOf(life, request);
    return answerOfFault(told, { id: exchange.id, style, tell, asked: formOf(request), page });
  }
}

/** How long an answer waits for its entry. A 503 may have waited for the ledger already: it is not to wait twice. */
const patience = ({ settings }: Life, { status }: Answer): number =>
  status === unavailable ? Math.min(settings.deadlines.ledger_ms, refusal_ms) : settings.deadlines.ledger_ms;

const unavailable = 503;
const refusal_ms = 250;

const unrecorded = fault('unavailable', 'The request could not be recorded in the audit log, so it is not answered');

/** Without Retry-After: a caller that simply sent it again would write it twice. */
const unrecordedWrite = fault(
  'unavailable',
  'The write could not be recorded in the audit log yet, and may stand: look before you send it again',
  { retry_after_s: 0 },
);

/** A write past its deadline may still be done. */
const mayHaveWritten = ({ method }: IncomingMessage): { readonly retry_after_s?: number } =>
  method === 'GET' || method === 'HEAD' ? {} : { retry_after_s: 0 };

async function chain(life: Life, event: RequestEvent, answer: Answer): Promise<void> {
  await life.ports.record(event);
  answer.chained?.();
}
