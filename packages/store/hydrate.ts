import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Account } from './account.ts';

/** Where the npm package's programs can be run from, and the folder their libraries are looked up in. */
export interface Hydrated {
  readonly folder: string;
  readonly libraries: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Only root can write above it, so nobody can put other programs there first. */
const programs = '/var/lib/safeguard';

/**
 * Makes the npm package's programs runnable without writing into node_modules.
 *
 * The package ships library links as a list that its install script would make; where install scripts do not run, the
 * links are made in `links`. Where the account may not even walk to the package (a clone under a home of mode 0700),
 * the programs are copied once to a folder that only root can write.
 * @param native the package's `native` folder
 * @param shared where that copy goes
 */
export function hydrate(native: string, account: Account, links: string, shared = programs): Hydrated {
  if (!canReach(native, account)) return copied(native, shared);
  makeLinks(native, links);
  return { folder: join(native, 'bin'), libraries: `${links}:${join(native, 'lib')}` };
}

function canReach(native: string, { uid, gid }: Account): boolean {
  if (uid === undefined || gid === undefined) return true;
  return spawnSync('/bin/ls', [join(native, 'bin')], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

function makeLinks(native: string, links: string): void {
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links, { recursive: true, mode: 0o755 });
  chmodSync(links, 0o755);
  for (const { source, target } of listLinks(native)) {
    symlinkSync(resolve(dirname(native), source), join(links, basename(target)));
  }
}

function listLinks(native: string): Link[] {
  const listed: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  return Array.isArray(listed) ? listed.filter(isLink) : [];
}

const isLink = (value: unknown): value is Link =>
  typeof value === 'object' && value !== null && 'source' in value && 'target' in value;

/** Copies whole, then renames, so that a half copy is never run and two starts at once do not hurt one another. */
function copied(native: string, shared: string): Hydrated {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const whole = join(shared, `postgresql-${version}`);
  const libraries = `${join(whole, 'links')}:${join(whole, 'native', 'lib')}`;
  if (!existsSync(whole)) {
    mkdirSync(shared, { recursive: true, mode: 0o755 });
    const part = `${whole}.${process.pid}`;
    cpSync(native, join(part, 'native'), { recursive: true, verbatimSymlinks: true });
    makeLinks(join(part, 'native'), join(part, 'links'));
    renameOrDrop(part, whole);
  }
  return { folder: join(whole, 'native', 'bin'), libraries };
}

function renameOrDrop(part: string, whole: string): void {
  try {
    renameSync(part, whole);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(whole)) throw error;
  }
}
