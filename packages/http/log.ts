import { type DestinationStream, destination as openDestination, pino } from 'pino';
import { shapeOfError } from './log-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * Everything that a log line may hold beside its event. A field that is not here is dropped, whatever the caller's
 * types said; a text is cut. `error` becomes class, code and frames: never a message.
 */
export interface LogFields {
  readonly id?: string;
  readonly check?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly duration_ms?: number;
  readonly bytes?: number;
  readonly count?: number;
  readonly package?: string;
  readonly segment?: string;
  readonly setting?: string;
  readonly file?: string;
  readonly port?: number;
  readonly pid?: number;
  readonly version?: string;
  readonly error?: unknown;
}

export interface RequestLine {
  readonly id: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly bytes: number;
}

/** Lines for whoever runs the server. `event` is a fixed text of ours, never built from a value. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** One line per request: its id and its route's pattern; never its URL, its headers or its body. */
  request(line: RequestLine): void;
  /** Writes what is buffered. */
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Default: standard error, buffered for at most a second. */
  readonly destination?: DestinationStream;
}

const texts = ['id', 'check', 'route', 'method', 'package', 'segment', 'setting', 'file', 'version'] as const;
const numbers = ['status', 'duration_ms', 'bytes', 'count', 'port', 'pid'] as const;
const longest = 200;

/** The allow-list itself. */
function allowed(fields: LogFields): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const name of texts) if (typeof fields[name] === 'string') line[name] = fields[name].slice(0, longest);
  for (const name of numbers) if (typeof fields[name] === 'number') line[name] = fields[name];
  if (fields.error !== undefined) line.error = shapeOfError(fields.error);
  return line;
}

const stderr = 2;

export function createLog({ level, destination }: LogOptions): Log {
  const stream = destination ?? openDestination({ dest: stderr, sync: false, minLength: 4096, periodicFlush: 1000 });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
  return {
    debug: (event, fields = {}) => logger.debug(allowed(fields), event),
    info: (event, fields = {}) => logger.info(allowed(fields), event),
    warn: (event, fields = {}) => logger.warn(allowed(fields), event),
    error: (event, fields = {}) => logger.error(allowed(fields), event),
    request: ({ id, method, route, status, duration_ms, bytes }) =>
      logger.info({ id, method: known.has(method) ? method : 'other', route, status, duration_ms, bytes }, 'request'),
    flush() {
      if ('flushSync' in stream && typeof stream.flushSync === 'function') stream.flushSync();
    },
  };
}
