import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@safeguard/kernel';
import type { Log } from './endpoint.ts';

const graceful_ms = 20_000;
const immediate_ms = 5_000;
const between_ms = 25;

/**
 * The name that every process of a cluster carries in its command line (PostgreSQL's `cluster_name`): device and inode
 * of PGDATA. Unlike a working directory, any account may read it, and a recycled process id does not have it.
 */
export function markOf(cluster: string): string {
  const { dev, ino } = statSync(cluster);
  return `safeguard-${dev}-${ino}`;
}

/**
 * Ends every PostgreSQL process that an earlier run left behind on the cluster at `cluster`. The caller must hold the
 * data directory's lock, so that nobody else's live server is meant.
 *
 * A leftover postmaster is shut down (fast) rather than adopted: nobody knows with which settings it runs. Children
 * that outlived their postmaster would keep the next one from starting, and are told to quit.
 * Then the lock files of the cluster are stale, whatever they say: a dead postmaster may stay a zombie for long (for
 * ever, where process 1 does not reap), and PostgreSQL would take its id for alive.
 * @throws Fault `unavailable` when a process does not end.
 */
export async function endLeftovers(cluster: string, log: Log): Promise<void> {
  await endProcesses(cluster, log);
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) rmSync(join(cluster, name), { force: true });
}

async function endProcesses(cluster: string, log: Log): Promise<void> {
  const mark = markOf(cluster);
  const left = processesOf(mark);
  if (left.length === 0) return;
  log('PostgreSQL processes left over from an earlier run are ended', { pids: left });
  const postmaster = readPostmaster(cluster);
  if (postmaster !== undefined && left.includes(postmaster)) {
    signal(postmaster, 'SIGINT');
    await gone(mark, graceful_ms);
  }
  if (processesOf(mark).length === 0) return;
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    for (const child of processesOf(mark)) signal(child, name);
    if (await gone(mark, immediate_ms)) return;
  }
  throw fault('unavailable', `PostgreSQL processes still run on ${cluster}: ${processesOf(mark).join(', ')}.`);
}

function readPostmaster(cluster: string): number | undefined {
  try {
    return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The ids of the PostgreSQL processes that carry `mark`, the postmaster's and its children's. */
export function processesOf(mark: string): number[] {
  return commands()
    .filter(([pid, command]) => pid !== process.pid && isPostgres.test(command) && command.includes(mark))
    .map(([pid]) => pid);
}

const isPostgres = /^(?:postgres: |\S*\/postgres[\0 ])/;

function commands(): (readonly [number, string])[] {
  if (process.platform !== 'linux') {
    const listed = spawnSync('/bin/ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).stdout;
    return listed.split('\n').map((line) => [Number.parseInt(line, 10), line.replace(/^\s*\d+\s/, '')] as const);
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), readCommand(name)] as const);
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

/** Sends a signal to a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Waits until no process carries `mark`. False when some still do after `patience_ms`. */
export async function gone(mark: string, patience_ms: number): Promise<boolean> {
  for (let waited = 0; waited < patience_ms; waited += between_ms) {
    if (processesOf(mark).length === 0) return true;
    await sleep(between_ms);
  }
  return processesOf(mark).length === 0;
}

/** Gone meanwhile, or (hidepid) not ours to look at: a process of another user is none that we left. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code));
