import pg from 'pg';
import type { Log, Login } from './endpoint.ts';
import { sqlStateOf } from './failure.ts';
import { parsers } from './parsers.ts';
import { query } from './query.ts';
import { transaction } from './transaction.ts';
import type { Segment, SegmentName, Statement } from './types.ts';

/** A segment with what the store needs to run it. */
export interface OpenSegment extends Segment {
  /** One trip to the database, on no tenant's behalf. */
  ping(): Promise<void>;
  status(): PoolStatus;
  close(): Promise<void>;
}

/** Connections of one pool. `waiting`: callers that have none yet. */
export interface PoolStatus {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

const acquire_ms = 5_000;
/** Backstop for a server that went silent; a live one ends a statement after 30 s by itself (`statement_timeout`). */
const silent_ms = 35_000;

const pingStatement: Statement = { name: 'safeguard.ping', text: 'select 1' };

export interface SegmentOptions {
  readonly name: SegmentName;
  /** The runtime role's login to the segment's database. */
  readonly login: Login;
  /** Connections at most. */
  readonly size: number;
  readonly log: Log;
  /** Idle connections do not keep the process alive (tests). */
  readonly idleExit?: boolean;
}

/**
 * Opens a segment: a pool of connections as the runtime role. Nothing is connected before it is needed.
 * Callers beyond `size` wait up to 5 s for a connection, then get a Fault `unavailable`.
 */
export function openSegment({ name, login, size, log, idleExit = false }: SegmentOptions): OpenSegment {
  const pool = new pg.Pool({
    ...login,
    max: size,
    types: parsers,
    application_name: 'safeguard',
    connectionTimeoutMillis: acquire_ms,
    query_timeout: silent_ms,
    // Connections stay: reconnecting costs a SCRAM handshake, and a timer per checkout would be on the hot path.
    idleTimeoutMillis: 0,
    keepAlive: true,
    allowExitOnIdle: idleExit,
    // Statements of one transaction that are not awaited one by one share a round trip.
    pipeline: true,
  } as pg.PoolConfig);
  const lost = (error: Error): void =>
    log('a database connection was lost', { segment: name, code: sqlStateOf(error) });
  // An idle connection died (restart, failover): the pool has dropped it already, and makes another when asked.
  pool.on('error', lost);
  // One in use died: its statements fail and say so. The event itself has no other listener meanwhile, and would end
  // the process.
  pool.on('connect', (client) => client.on('error', lost));
  return {
    name,
    query: (tenant, statement, values) => query(pool, tenant, statement, values),
    transaction: (tenant, work) => transaction(pool, tenant, work),
    ping: async () => {
      await query(pool, 0, pingStatement);
    },
    status: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}
