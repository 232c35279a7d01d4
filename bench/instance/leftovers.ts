import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rooms = new Set<string>();
const processes = new Set<ChildProcess>();

/** A directory for one instance; what is made in it goes with `removeRoom`. */
export async function makeRoom(): Promise<string> {
  const room = await mkdtemp(join(tmpdir(), 'safeguard-bench-'));
  rooms.add(room);
  return room;
}

export async function removeRoom(room: string): Promise<void> {
  await rm(room, { recursive: true, force: true });
  rooms.delete(room);
}

/** Remembers a process that we started until it ends. */
export function keepWatch(child: ChildProcess): void {
  processes.add(child);
  child.once('exit', () => processes.delete(child));
}

/** For a run that is broken off: stops every process that still runs, and removes every directory. */
export async function clearLeftovers(): Promise<void> {
  const ended = [...processes].map((child) => once(child, 'exit'));
  for (const child of processes) child.kill('SIGTERM');
  await Promise.all(ended);
  for (const room of rooms) await removeRoom(room);
}
