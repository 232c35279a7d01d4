import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  observe(pattern: string, method: string, status: number, duration_ms: number): void;
  /** An event could not be made durable, and its request was answered 503. */
  unrecorded(): void;
  /** Bytes that were no HTTP, or too slow to become a request: no ledger entry, so at least a count. */
  unparsed(status: string): void;
  text(): Promise<string>;
}

const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Prometheus metrics. Labels are route patterns, methods and statuses: a closed set, no value of any request. */
export function createMetrics(openRequests: () => number): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the end of the headers to the answer, by route pattern',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const unrecorded = new Counter({
    name: 'http_unrecorded_total',
    help: 'Requests refused because their event could not be recorded in the ledger',
    registers,
  });
  const unparsed = new Counter({
    name: 'http_unparsed_total',
    help: 'Connections that ended before they carried a request, by the status they were told',
    labelNames: ['status'] as const,
    registers,
  });
  new Gauge({
    name: 'http_open_requests',
    help: 'Requests being answered now',
    registers,
    collect() {
      this.set(openRequests());
    },
  });
  return {
    observe(route, method, status, duration_ms) {
      durations.observe({ route, method: known.has(method) ? method : 'other', status }, duration_ms / 1000);
    },
    unrecorded: () => unrecorded.inc(),
    unparsed: (status) => unparsed.inc({ status }),
    text: () => registry.metrics(),
  };
}
