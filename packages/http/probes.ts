import { createHash, timingSafeEqual } from 'node:crypto';
import { fault } from '@safeguard/kernel';
import { within } from './deadline.ts';
import type { Answer, RequestContext, Route } from './types.ts';

export interface ProbeDeps {
  /** Resolves when the server can serve and audit. */
  ready(): Promise<void>;
  stopping(): boolean;
  metricsText(): Promise<string>;
  readonly metrics_token: string | undefined;
}

const ready_ms = 3_000;

const plain = (body: string): Answer => ({ status: 200, type: 'text/plain; charset=utf-8', body });
const probe = { method: 'GET', auth: 'none', errors: 'problem', ledger: false } as const;

/** `/healthz`, `/readyz`, `/metrics`: for machines that watch. No ledger entries, but for a refused `/metrics`. */
export const probeRoutes = (deps: ProbeDeps): Route[] => [
  { ...probe, path: '/healthz', action: 'health', handle: () => plain('ok\n') },
  { ...probe, path: '/readyz', action: 'ready', handle: () => readiness(deps) },
  { ...probe, path: '/metrics', action: 'metrics', handle: (context) => metrics(deps, context) },
];

async function readiness(deps: ProbeDeps): Promise<Answer> {
  if (deps.stopping()) throw fault('unavailable', 'The server is stopping');
  try {
    await within(ready_ms, deps.ready(), () => fault('unavailable', 'A part of the server does not answer'));
  } catch (cause) {
    throw fault('unavailable', 'The server cannot serve yet', { cause });
  }
  return plain('ready\n');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const loopback = /^(?:127\.|::1$|::ffff:127\.)/;

/**
 * With a token set, only the token opens; without one, only a direct loopback connection. A forwarding header proves
 * nothing about the caller except that the loopback peer is a proxy, so its presence closes the door.
 */
function mayRead(deps: ProbeDeps, { headers, remote }: RequestContext): boolean {
  if (deps.metrics_token !== undefined)
    return timingSafeEqual(digest(headers.authorization?.toString() ?? ''), digest(`Bearer ${deps.metrics_token}`));
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? headers.via;
  return loopback.test(remote) && forwarded === undefined;
}

async function metrics(deps: ProbeDeps, context: RequestContext): Promise<Answer> {
  if (!mayRead(deps, context)) throw fault('forbidden', 'Metrics are for loopback or for the metrics token');
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await deps.metricsText() };
}
