import { type Clock, systemClock } from '@safeguard/kernel';
import type { Life } from './lifecycle.ts';
import { createServer, listen, type Server } from './listen.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { probeRoutes } from './probes.ts';
import { createRouter } from './router.ts';
import type { Transport } from './send.ts';
import type { HttpSettings } from './settings.ts';
import { stop } from './stop.ts';
import { type Credentials, tlsOptions } from './tls.ts';
import type { HttpPorts, Route } from './types.ts';

export interface HttpDeps {
  readonly routes: readonly Route[];
  readonly ports: HttpPorts;
  readonly settings: HttpSettings;
  /** `off` only behind the loopback check of `@safeguard/config`. */
  readonly tls: Credentials | 'off';
  readonly log: Log;
  readonly clock?: Clock;
  /** Resolves when the server can serve and audit; throws otherwise. */
  readonly health: { ready(): Promise<void> };
}

export interface Http {
  /** Binds and serves. `url` is the base that callers use, without a trailing slash. */
  listen(): Promise<{ url: string; port: number }>;
  /** Stops gracefully; resolves when every connection is closed. */
  close(): Promise<void>;
  /** What `/metrics` says. */
  metricsText(): Promise<string>;
}

const renewal_ms = 6 * 60 * 60 * 1000;

/** The HTTP side of the server: `lifecycle.ts` says what happens to a request. */
export function createHttp(deps: HttpDeps): Http {
  const { settings, tls, log } = deps;
  const life = begin(deps);
  const metricsText = (): Promise<string> => life.metrics.text();
  const probes = probeRoutes({
    ready: () => deps.health.ready(),
    stopping: () => life.stopping,
    metricsText,
    metrics_token: settings.metrics?.token,
  });
  const routes = [...probes, ...deps.routes];
  const longest_ms = Math.max(settings.deadlines.request_ms, ...routes.map((route) => route.deadline_ms ?? 0));
  let servers: Server[] = [];
  let renewing: NodeJS.Timeout | undefined;
  return {
    async listen() {
      const serve = await createRouter(life, routes);
      const make = (): Server => createServer(life, serve, tls, longest_ms);
      const bound = await listen(make, settings.host, settings.port);
      servers = bound.servers;
      life.base = baseOf(settings, tls, bound.port);
      renewing = setInterval(() => renew(tls, servers, settings, log), renewal_ms).unref();
      return { url: life.base, port: bound.port };
    },
    async close() {
      clearInterval(renewing);
      await stop(life, servers);
    },
    metricsText,
  };
}

function begin({ ports, settings, log, clock = systemClock, tls }: HttpDeps): Life {
  const open: Life['open'] = new Set();
  return {
    ports,
    settings,
    log,
    clock,
    open,
    metrics: createMetrics(() => open.size),
    transport: transportOf(settings, tls),
    budget: { free_bytes: settings.limits.inflight_bytes },
    busy: new WeakSet(),
    stopping: false,
    base: '',
  };
}

function transportOf({ tls_hsts_subdomains }: HttpSettings, tls: HttpDeps['tls']): Transport {
  if (tls === 'off') return 'plain';
  return tls_hsts_subdomains === 'on' ? 'tls for subdomains' : 'tls';
}

const unspecified = new Set(['0.0.0.0', '::', '127.0.0.1', '::1']);

/** The caller's Host header never decides: a link that we make must not lead elsewhere. */
function baseOf({ host, public_url }: HttpSettings, tls: HttpDeps['tls'], port: number): string {
  if (public_url !== undefined) return public_url.replace(/\/+$/, '');
  const name = unspecified.has(host) ? 'localhost' : host;
  return `${tls === 'off' ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** A new certificate without a restart: connections that stand keep theirs, new ones get the new one. */
async function renew(
  tls: HttpDeps['tls'],
  servers: readonly Server[],
  settings: HttpSettings,
  log: Log,
): Promise<void> {
  if (tls === 'off') return;
  try {
    if (!(await tls.renew())) return;
    for (const server of servers)
      if ('setSecureContext' in server)
        server.setSecureContext(tlsOptions(tls.current(), settings.deadlines.headers_ms));
    log.info('the server certificate was renewed');
  } catch (thrown) {
    log.error('the server certificate could not be renewed', { error: thrown });
  }
}
