import { createHash } from 'node:crypto';
import { readdir, readFile, statfs } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Check } from '@safeguard/kernel';
import { counted, found } from '../found.ts';

const day_ms = 86_400_000;

/** Last day of support: nodejs.org/en/about/previous-releases, postgresql.org/support/versioning. */
const ends: Readonly<Record<string, string>> = {
  'Node 22': '2027-04-30',
  'Node 24': '2028-04-30',
  'PostgreSQL 15': '2027-11-11',
  'PostgreSQL 16': '2028-11-09',
  'PostgreSQL 17': '2029-11-08',
  'PostgreSQL 18': '2030-11-14',
};

export interface MachineDeps {
  readonly data: string;
  /** Root of the code that runs. */
  readonly root: string;
  /** Of each segment: its server's version (`150004`) and its clock, milliseconds since the Unix epoch. */
  readonly databases: () => Promise<
    readonly { readonly segment: string; readonly version: number; readonly now: () => Promise<number> }[]
  >;
  readonly clock: { now(): number };
}

const code = new Set(['.ts', '.sql', '.yaml', '.md', '.json', '.mjs']);
const skipped = new Set(['node_modules', 'test', 'tests', 'data', 'tmp', '.git']);

/** SHA-256 by path of every file of ours that can run or is the programme. */
async function filesIn(root: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) await visit(path);
      else if (entry.isFile() && code.has(entry.name.slice(entry.name.lastIndexOf('.')))) {
        digests.set(
          relative(root, path),
          createHash('sha256')
            .update(await readFile(path))
            .digest('hex'),
        );
      }
    }
  };
  for (const part of ['packages', 'apps', 'program']) await visit(join(root, part));
  return digests;
}

/** 45 CFR 164.312(c)(1): the files that run are those that ran when the process started. */
function codeIntegrity(root: string): Check {
  // Read when the process starts: what is changed later differs from it. A failure is told by each run.
  const before = Promise.allSettled([filesIn(root)]);
  return {
    id: 'operations.code-integrity',
    title: 'The files that run were not changed',
    query: 'Reads every source file and the programme again, and holds each against its SHA-256 at the start.',
    every_s: 7_200,
    async run() {
      const [[first], is] = [await before, await filesIn(root)];
      if (first?.status !== 'fulfilled') throw first?.reason;
      const was = first.value;
      const changed = [...was]
        .filter(([path, digest]) => is.get(path) !== digest)
        .map(([path]) => `${path}: changed or gone`);
      const added = [...is.keys()].filter((path) => !was.has(path)).map((path) => `${path}: new`);
      return found(was.size, [...changed, ...added], {
        met: `${counted(was.size, 'file')}, each as at the start.`,
        unmet: 'files changed, or came, since the process started.',
        todo: 'Find out who changed them. After a deployment, restart the server.',
      });
    },
  };
}

const least_share = 0.1;
const least_bytes = 1024 ** 3;

const diskSpace = (data: string): Check => ({
  id: 'operations.disk-space',
  title: 'There is room to write',
  query: 'Asks the file system of the data directory for its free space: a tenth and 1 GiB at least.',
  every_s: 600,
  async run() {
    const { bavail, blocks, bsize } = await statfs(data);
    const share = bavail / blocks;
    const saw = `${Math.floor(share * 100)} % of the file system of the data directory is free.`;
    if (share >= least_share && bavail * bsize >= least_bytes) return { result: 'met', examined: 1, saw };
    return {
      result: 'unmet',
      examined: 1,
      saw,
      todo: 'Make room: without it the log takes nothing, and nothing is served.',
    };
  },
});

const most_skew_ms = 2_000;

/** NIST SP 800-53 AU-8: times in the log mean something. */
const clocks = ({ databases, clock }: MachineDeps): Check => ({
  id: 'operations.clock',
  title: 'Clocks agree',
  query: 'Asks each database server for its time, and holds it against the clock of this process: 2 seconds at most.',
  every_s: 600,
  async run() {
    const all = await databases();
    const off: string[] = [];
    for (const { segment, now } of all) {
      const before = clock.now();
      const theirs = await now();
      const after = clock.now();
      const skew_ms = theirs < before ? before - theirs : Math.max(0, theirs - after);
      if (skew_ms > most_skew_ms) off.push(`${segment}: ${Math.round(skew_ms / 1000)} s apart`);
    }
    return found(all.length, off, {
      met: `${counted(all.length, 'database')}: each within 2 seconds.`,
      unmet: 'the clock of a database and ours are apart.',
      todo: 'Have all machines take their time from the same source (NTP, chrony).',
    });
  },
});

const patchLevel = ({ databases, clock }: MachineDeps): Check => ({
  id: 'operations.patch-level',
  title: 'Runtime and database are supported',
  query: 'Holds the versions of Node and PostgreSQL against the last days of their support.',
  every_s: 86_400,
  async run() {
    const servers = (await databases()).map(({ version }) => `PostgreSQL ${Math.floor(version / 10_000)}`);
    const names = [...new Set([`Node ${process.versions.node.split('.')[0]}`, ...servers])];
    const wrong = names.flatMap((name) => {
      const end = ends[name];
      if (end === undefined) return [`${name}: not in the table of supported versions`];
      return Date.parse(end) + day_ms < clock.now() ? [`${name}: its support ended on ${end}`] : [];
    });
    return found(names.length, wrong, {
      met: `${names.join(', ')}: supported.`,
      unmet: 'something runs that gets no security fixes, or of which it is not known.',
      todo: 'Move to a supported version.',
    });
  },
});

/** Of the machine that everything runs on. */
export const machineChecks = (deps: MachineDeps): readonly Check[] => [
  codeIntegrity(deps.root),
  diskSpace(deps.data),
  clocks(deps),
  patchLevel(deps),
];
