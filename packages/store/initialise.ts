import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fault } from '@safeguard/kernel';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { openDirectory } from './directory.ts';

/** The superuser of the embedded cluster. It provisions and migrates; no request runs as it. */
export const superuser = 'safeguard_admin';

/** The folders of an embedded PostgreSQL inside a data directory. */
export interface Rooms {
  /** `<data>/postgres`, owned by the account. */
  readonly room: string;
  /** PGDATA. */
  readonly cluster: string;
  readonly log: string;
  readonly links: string;
}

export function roomsOf(data: string): Rooms {
  const room = join(data, 'postgres');
  return { room, cluster: join(room, 'data'), log: join(room, 'log'), links: join(room, 'lib') };
}

/** The major version that wrote the cluster, or undefined when there is none yet. */
export function writtenBy(cluster: string): number | undefined {
  const file = join(cluster, 'PG_VERSION');
  if (!existsSync(file)) return undefined;
  return Number(readFileSync(file, 'utf8').trim());
}

/** Makes a folder of mode 0700 that belongs to the account. */
export function makeOwned(folder: string, { uid, gid }: Account): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

const workshop = 'new-';

/** What initdbs of killed starts left. One may still be writing: what it makes meanwhile goes with the next start. */
function clearWorkshops(room: string): void {
  for (const name of readdirSync(room).filter((one) => one === 'new' || one.startsWith(workshop))) {
    rmSync(join(room, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Runs initdb: UTF-8, the C locale (its order never changes with a library), checksums, SCRAM for every connection.
 * It works in a folder of its own and renames at the end, so that an interrupted initdb leaves no cluster, and one
 * that outlives its killed start cannot write into the folder of the next.
 */
export async function initialise(rooms: Rooms, binaries: Binaries, account: Account, password: string): Promise<void> {
  clearWorkshops(rooms.room);
  const shop = mkdtempSync(join(rooms.room, workshop));
  makeOwned(shop, account);
  const part = join(shop, 'data');
  const secret = join(shop, 'password');
  makeOwned(part, account);
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  const { uid, gid } = account;
  if (uid !== undefined && gid !== undefined) chownSync(secret, uid, gid);
  const directory = openDirectory(part);
  try {
    await runInitdb(binaries, account, directory.fd, directory.inChild);
  } finally {
    directory.close();
    rmSync(secret, { force: true });
  }
  renameSync(part, rooms.cluster);
  rmdirSync(shop);
}

async function runInitdb(binaries: Binaries, { uid, gid }: Account, fd: number, folder: string): Promise<void> {
  const options = [
    ...['-D', folder, '-U', superuser, `--pwfile=${folder}/../password`],
    ...['--auth=scram-sha-256', '--data-checksums', '--encoding=UTF8', '--locale=C'],
  ];
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid };
  const child = spawn(join(binaries.folder, 'initdb'), options, {
    ...ids,
    cwd: '/',
    env: binaries.env,
    stdio: ['ignore', 'ignore', 'pipe', fd === -1 ? 'ignore' : fd],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  const [status, said] = await Promise.all([ended, child.stderr === null ? '' : text(child.stderr)]);
  if (status === 0) return;
  throw fault('unavailable', `PostgreSQL could not be initialised: ${lastLine(said)}`, { cause: new Error(said) });
}

/** The last line that says something: PostgreSQL's programs end with their reason. */
export const lastLine = (said: string): string => said.trim().split('\n').at(-1) ?? '';
