import { isLetIn } from './connect.ts';
import type { Embedded } from './embedded.ts';
import type { Log, Login } from './endpoint.ts';
import type { Owners } from './prepare.ts';
import { databaseOf, readerRole, roleOf } from './roles.ts';
import type { Passwords } from './secrets.ts';
import { type OpenSegment, openSegment, type PoolStatus } from './segment.ts';
import type { Segment, SegmentName } from './types.ts';

export interface StoreStatus {
  /** Absent for an external PostgreSQL. */
  readonly postgres?: {
    readonly version: string;
    readonly source: 'system' | 'npm';
    readonly pid: number | undefined;
    readonly restarts: number;
  };
  readonly pools: Readonly<Record<SegmentName | 'reader', PoolStatus>>;
}

export interface ReaderLogin {
  readonly host: string;
  readonly port: number;
  /** As `node:tls` takes it, in JSON's types; false on a socket or loopback. */
  readonly ssl: Login['ssl'];
  readonly user: string;
  readonly database: string;
  readonly password: string;
}

export interface Store {
  segment(name: SegmentName): Segment;
  /** The ledger's database under a role that may only read it. */
  reader(): Segment;
  /** Where a verifier of its own process logs in as the reader. The socket's directory is named by its real path. */
  readerLogin(): ReaderLogin;
  /**
   * Really tries to log in to a segment's database with the runtime login of another segment (or the ledger's reader):
   * true where it is let in. For the check that segments are apart. @throws Fault `unavailable`
   */
  enters(who: SegmentName | 'reader', into: SegmentName): Promise<boolean>;
  /** Resolves when every segment answers. @throws Fault `unavailable` */
  ready(): Promise<void>;
  status(): StoreStatus;
  /** Waits for what is under way, closes the pools, stops an embedded PostgreSQL. */
  close(): Promise<void>;
}

/** Most connections per segment. */
export type PoolSizes = Readonly<Partial<Record<SegmentName, number>>>;

export interface Parts {
  readonly owners: Owners;
  readonly passwords: Passwords;
  readonly prefix: string;
  readonly pools: PoolSizes;
  readonly log: Log;
  readonly embedded: Embedded | undefined;
  /** For tests: closing the store leaves the server running, and idle connections let the process end. */
  readonly borrowsServer?: boolean;
}

const defaultPools: Readonly<Record<SegmentName, number>> = { identity: 10, clinical: 10, ledger: 4 };
const readerPool = 2;

/** The store over databases that are prepared. */
export function assemble({ owners, passwords, prefix, pools, log, embedded, borrowsServer = false }: Parts): Store {
  const open = (name: SegmentName, role: string, size: number): OpenSegment => {
    const database = databaseOf(prefix, name);
    const login = { ...owners[name], database, user: role, password: passwords[role] ?? '' };
    return openSegment({ name, login, size, log, idleExit: borrowsServer });
  };
  const ordinary = (name: SegmentName) => open(name, roleOf(name), pools[name] ?? defaultPools[name]);
  const segments = { identity: ordinary('identity'), clinical: ordinary('clinical'), ledger: ordinary('ledger') };
  const reader = open('ledger', readerRole, readerPool);
  const all = [...Object.values(segments), reader];
  return {
    segment: (name) => segments[name],
    reader: () => reader,
    readerLogin: () => ({
      host: embedded?.cluster ?? owners.ledger.host,
      port: owners.ledger.port,
      ssl: owners.ledger.ssl,
      user: readerRole,
      database: databaseOf(prefix, 'ledger'),
      password: passwords[readerRole] ?? '',
    }),
    enters: (who, into) => {
      const user = who === 'reader' ? readerRole : roleOf(who);
      return isLetIn({ ...owners[into], database: databaseOf(prefix, into), user, password: passwords[user] ?? '' });
    },
    ready: async () => {
      await Promise.all(all.map((segment) => segment.ping()));
    },
    status: () => describe(segments, reader, embedded),
    close: async () => {
      await Promise.all(all.map((segment) => segment.close()));
      if (!borrowsServer) await embedded?.stop();
    },
  };
}

function describe(
  { identity, clinical, ledger }: Readonly<Record<SegmentName, OpenSegment>>,
  reader: OpenSegment,
  embedded: Embedded | undefined,
): StoreStatus {
  const pools = {
    identity: identity.status(),
    clinical: clinical.status(),
    ledger: ledger.status(),
    reader: reader.status(),
  };
  if (embedded === undefined) return { pools };
  const { version, source } = embedded;
  return { pools, postgres: { version, source, pid: embedded.pid(), restarts: embedded.restarts() } };
}
