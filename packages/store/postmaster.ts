import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@safeguard/kernel';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { OpenDirectory } from './directory.ts';
import type { Login } from './endpoint.ts';
import { lastLine } from './initialise.ts';
import { probe } from './probe.ts';

/** One run of the PostgreSQL server. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when the server has ended, however it did. */
  readonly ended: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, everything acknowledged is on disk. Waits for the end. */
  stop(): Promise<void>;
}

/** What a run of the server needs. */
export interface Run {
  readonly binaries: Binaries;
  readonly account: Account;
  /** PGDATA, held open. */
  readonly directory: OpenDirectory;
  /** `-c name=value` arguments. */
  readonly settings: readonly string[];
  readonly login: Login;
  /** Told of the process as soon as there is one, long before it answers. */
  readonly launched: (pid: number) => void;
  /** After a crash of a large database, recovery takes its time. Default 120,000. */
  readonly patience_ms?: number;
}

const longest_start_ms = 120_000;
const between_ms = 15;
const said_limit_bytes = 8_192;
const stop_ms = 30_000;

/**
 * Starts the server and waits until it answers.
 * @throws Fault `unavailable` with PostgreSQL's own last word when it ends, or does not answer in time.
 */
export async function startPostmaster(run: Run): Promise<Postmaster> {
  const child = launch(run);
  const { pid } = child;
  if (pid !== undefined) run.launched(pid);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < said_limit_bytes) said += text;
  });
  let over = false;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', () => resolve('')).once('error', (error) => resolve(error.message));
  }).then((reason) => {
    over = true;
    said += reason;
  });
  try {
    await answering(run, () => over);
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
  if (over || pid === undefined) {
    throw fault('unavailable', `PostgreSQL did not start: ${lastLine(said)}`, { cause: new Error(said) });
  }
  return { pid, ended, stop: () => stop(child, ended) };
}

/** Resolves when the server answers or is over. */
async function answering({ login, patience_ms = longest_start_ms }: Run, isOver: () => boolean): Promise<void> {
  const deadline = Date.now() + patience_ms;
  while (!isOver() && !(await probe(login))) {
    if (Date.now() > deadline) throw fault('unavailable', 'PostgreSQL did not answer in time after its start.');
    await sleep(between_ms);
  }
}

function launch({ binaries, account: { uid, gid }, directory, settings }: Run): ChildProcess {
  const child = spawn(join(binaries.folder, 'postgres'), ['-D', directory.inChild, ...settings], {
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    // Where the account may surely stand. PostgreSQL changes to PGDATA by itself.
    cwd: '/',
    env: binaries.env,
    // What it says before its own log is open goes into the error; then the collector takes over.
    stdio: ['ignore', 'ignore', 'pipe', directory.fd === -1 ? 'ignore' : directory.fd],
    // A session of its own: Ctrl-C must reach us alone, who then shut it down in order.
    detached: true,
  });
  child.unref();
  if (child.stderr && 'unref' in child.stderr && typeof child.stderr.unref === 'function') child.stderr.unref();
  return child;
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  // Fast, then immediate: no SIGKILL, after which shared memory and children would stay behind.
  for (const name of ['SIGINT', 'SIGQUIT'] as const) {
    child.kill(name);
    const waiting = new AbortController();
    const late = sleep(stop_ms, 'late', { signal: waiting.signal }).catch((error: unknown) => error);
    const first = await Promise.race([ended, late]);
    waiting.abort();
    if (first !== 'late') return;
  }
  throw fault('unavailable', `PostgreSQL (process ${child.pid}) does not stop.`);
}
