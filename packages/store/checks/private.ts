import { type Check, resultOf } from '@safeguard/kernel';
import type { Segment } from '../types.ts';
import { ask, poolsOf } from './ask.ts';
import type { StoreCheckDeps } from './checks.ts';

/** The role's own sessions, of this process and every other: how each came in. */
const sessions = `
  select case when a.client_addr is null then 'socket'
              when a.client_addr <<= inet '127.0.0.0/8' or a.client_addr = inet '::1' then 'loopback'
              when s.ssl and s.version in ('TLSv1.2', 'TLSv1.3') then 'tls'
              when s.ssl then 'old tls' else 'clear' end as way,
         pg_catalog.count(*)::int as sessions
    from pg_catalog.pg_stat_activity a left join pg_catalog.pg_stat_ssl s on s.pid = a.pid
   where a.usename = current_user and a.datname = pg_catalog.current_database()
   group by 1`;

interface Way extends Record<string, unknown> {
  readonly way: 'socket' | 'loopback' | 'tls' | 'old tls' | 'clear';
  readonly sessions: number;
}

const openWays: Partial<Record<Way['way'], string>> = {
  clear: 'sessions cross a network without TLS',
  'old tls': 'sessions cross a network under TLS older than 1.2',
};

async function waysOf(who: string, segment: Segment) {
  const ways = await ask<Way>(segment, sessions);
  const exceptions = ways.flatMap(({ way, sessions: count }) => {
    const wrong = openWays[way];
    return wrong === undefined ? [] : [`${who}: ${count} ${wrong}`];
  });
  return { sessions: ways.reduce((sum, one) => sum + one.sessions, 0), exceptions };
}

/** An embedded PostgreSQL is reached through its socket alone; somebody else's may have others to serve. */
async function listening({ store }: StoreCheckDeps): Promise<string[]> {
  if (store.status().postgres === undefined) return [];
  const [row] = await ask<{ at: string }>(store.segment('ledger'), "select current_setting('listen_addresses') as at");
  return row?.at === '' ? [] : ['the embedded PostgreSQL listens on the network'];
}

/** 45 CFR 164.312(e)(1): nothing of a record travels between server and database where others could read it. */
export const connectionPrivate = (deps: StoreCheckDeps): Check => ({
  id: 'store.connection-private',
  title: 'Connections to the database are private',
  query:
    'Every session of the roles that serve requests, as PostgreSQL lists it: over a Unix socket, ' +
    'loopback, or TLS 1.2 ' +
    'and newer. An embedded PostgreSQL must listen on no network address.',
  every_s: 3_600,
  async run() {
    const found = await Promise.all(poolsOf(deps).map(({ who, segment }) => waysOf(who, segment)));
    const examined = found.reduce((sum, one) => sum + one.sessions, 0);
    return resultOf({
      examined,
      wrong: [...found.flatMap(({ exceptions }) => exceptions), ...(await listening(deps))],
      met: `${examined} database sessions, each over a Unix socket, loopback or TLS.`,
      unmet: 'The database is reached, or can be, where somebody on the network could read along.',
      todo:
        'Reach PostgreSQL by its Unix socket or with sslmode=verify-full; keep listen_addresses of an ' +
        'embedded one empty.',
    });
  },
});
