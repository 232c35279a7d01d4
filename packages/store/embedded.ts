import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fault } from '@safeguard/kernel';
import { chooseAccount } from './account.ts';
import { type BinaryChoice, findBinaries } from './binaries.ts';
import { clusterSettings } from './cluster-settings.ts';
import { type OpenDirectory, openDirectory } from './directory.ts';
import type { Log, Login } from './endpoint.ts';
import { startGuardian } from './guardian.ts';
import { initialise, makeOwned, type Rooms, roomsOf, superuser, writtenBy } from './initialise.ts';
import { lockData } from './lock.ts';
import { endLeftovers, gone, markOf } from './processes.ts';
import { keepPasswords, readPasswords } from './secrets.ts';
import { type Supervised, supervise } from './supervise.ts';

export interface EmbeddedOptions {
  /** Absolute directory that holds all state of the instance. Made when absent. */
  readonly data: string;
  readonly log: Log;
  /** Default `auto`. */
  readonly binaries?: BinaryChoice;
  /** PostgreSQL's `max_connections`. Default 60. */
  readonly connections?: number;
  /** Overrides of PostgreSQL settings. For tests only: they can switch durability and PHI-free logs off. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For tests only: `data` is deleted when this process dies without stopping. */
  readonly litter?: boolean;
}

/** A PostgreSQL of our own, running, supervised, and locked to this process. */
export interface Embedded {
  /** The superuser's login: provisioning and migrations only. */
  readonly login: Login;
  /** Directory of the socket, as this process may name it; only good while it runs. */
  readonly socketDir: string;
  readonly port: number;
  /** The passwords file: `<data>/secrets/postgres.json`. */
  readonly secrets: string;
  /** PGDATA. */
  readonly cluster: string;
  readonly version: string;
  readonly source: 'system' | 'npm';
  /** The postmaster's id now; it changes when PostgreSQL was restarted. Undefined while it is down. */
  pid(): number | undefined;
  /** How often PostgreSQL died and was started again. */
  restarts(): number;
  /** Shuts PostgreSQL down (fast: everything acknowledged is kept) and gives the data directory free. */
  stop(): Promise<void>;
  /** Called each time that PostgreSQL ended without `stop`; it is restarted anyway. */
  onExit(listener: () => void): void;
}

const defaultPort = 5432;
const farewell_ms = 2_000;

/**
 * Starts the embedded PostgreSQL of a data directory, and makes its cluster first where there is none.
 * @throws Fault `conflict` when another process holds the directory; `unavailable` when no fitting PostgreSQL is found,
 *   the cluster is of another major version, or the server does not start. The texts say what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const data = openData(options.data);
  const lock = await lockData(data);
  try {
    return await startLocked(options, data, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: EmbeddedOptions, data: string, release: () => void): Promise<Embedded> {
  const { log } = options;
  const rooms = roomsOf(data);
  const account = chooseAccount(rooms.cluster);
  makeOwned(rooms.room, account);
  makeOwned(rooms.log, account);
  const binaries = findBinaries(options.binaries ?? 'auto', account, writtenBy(rooms.cluster), rooms.links);
  const secrets = join(data, 'secrets', 'postgres.json');
  const password = adminPassword(rooms, secrets);
  if (existsSync(rooms.cluster)) await endLeftovers(rooms.cluster, log);
  else await initialise(rooms, binaries, account, password);

  const directory = openDirectory(rooms.cluster);
  const mark = markOf(rooms.cluster);
  const port = Number(options.settings?.port ?? defaultPort);
  const login: Login = { host: directory.here, port, ssl: false, user: superuser, password, database: 'postgres' };
  const settings = clusterSettings(options.connections ?? 60, { ...options.settings, cluster_name: mark });
  const guardian = startGuardian(mark, options.litter ? data : '');
  const run = { binaries, account, directory, settings, login, launched: guardian.watch };
  const server = await supervise(run, () => endLeftovers(rooms.cluster, log), guardian, log).catch((error: unknown) => {
    directory.close();
    throw error;
  });
  log('PostgreSQL runs', { version: binaries.version, source: binaries.source, account: account.name });
  const { version, source } = binaries;
  const place = { login, socketDir: directory.here, port, secrets, cluster: rooms.cluster, version, source };
  return { ...place, ...server, stop: () => stop(server, directory, release) };
}

async function stop(server: Supervised, directory: OpenDirectory, release: () => void): Promise<void> {
  await server.stop();
  // Its logger outlives the postmaster by a moment; who is told `stopped` may delete the directory.
  await gone(markOf(directory.path), farewell_ms);
  directory.close();
  release();
}

function openData(data: string): string {
  if (!isAbsolute(data)) throw fault('invalid', 'The data directory must be given as an absolute path.');
  if (process.platform === 'win32') {
    throw fault('unavailable', 'The embedded PostgreSQL does not run on Windows: give a database URL.');
  }
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return realpathSync(data);
  } catch (cause) {
    throw fault('unavailable', `The data directory ${data} cannot be made or used by this account.`, { cause });
  }
}

/** The superuser's password: made before the cluster, kept as long as it. */
function adminPassword(rooms: Rooms, secrets: string): string {
  if (existsSync(rooms.cluster) && readPasswords(secrets)[superuser] === undefined) {
    throw fault('unavailable', `The cluster in ${rooms.cluster} is there, but its passwords (${secrets}) are gone.`);
  }
  return keepPasswords(secrets, [superuser])[superuser] ?? '';
}
