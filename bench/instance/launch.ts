import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepWatch } from './leftovers.ts';

const program = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'bin', 'safeguard.js');
const longest_start_ms = 120_000;

export interface Launched {
  readonly url: string;
  readonly pid: number;
  readonly ca: string | null;
  /** From the spawn to the ready file. */
  readonly took_ms: number;
  /** SIGTERM; resolves when the process has ended, and rejects when it did not end well. */
  stop(): Promise<void>;
}

export interface Launch {
  readonly data: string;
  readonly tls: 'on' | 'off';
  /** Where the server writes its profile when it stops. */
  readonly profile?: string | undefined;
}

/** Starts Safeguard as its operator does: the real command. Its output goes to `<data>.log`, past our event loop. */
export async function launch({ data, tls, profile }: Launch): Promise<Launched> {
  const ready = join(data, 'bench-ready.json');
  const options = ['up', '--data', data, '--port', '0', '--tls', tls, '--ready-file', ready];
  const prefix = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile, '--cpu-prof-interval', '500'];
  const log = openSync(`${data}.log`, 'a', 0o600);
  const began = performance.now();
  const child = spawn(process.execPath, [...prefix, program, ...options], { stdio: ['ignore', log, log] });
  closeSync(log);
  keepWatch(child);
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  const told = await whenReady(child, ready, `${data}.log`);
  const took_ms = performance.now() - began;
  return {
    ...told,
    took_ms,
    stop: async () => {
      child.kill('SIGTERM');
      const how = await ended;
      if (how !== 0) throw new Error(`safeguard up ended with ${how}:\n${tail(`${data}.log`)}`);
    },
  };
}

const tail = (log: string): string => readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');

async function whenReady(
  child: ChildProcess,
  file: string,
  log: string,
): Promise<Pick<Launched, 'url' | 'pid' | 'ca'>> {
  for (const end = Date.now() + longest_start_ms; Date.now() < end; await sleep(5)) {
    if (child.exitCode !== null) throw new Error(`safeguard up ended with ${child.exitCode}:\n${tail(log)}`);
    const told = await readTold(file);
    if (told !== undefined) return told;
  }
  child.kill('SIGKILL');
  throw new Error(`safeguard up was not ready in time:\n${tail(log)}`);
}

/** What the ready file says, or undefined while it is not there. It is renamed into its place, so it is whole. */
async function readTold(file: string): Promise<Pick<Launched, 'url' | 'pid' | 'ca'> | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
