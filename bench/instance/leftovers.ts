import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rooms = new Set<string>();
const servers = new Set<ChildProcess>();

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

/** Remembers a server until it ends. */
export function keepWatch(server: ChildProcess): void {
  servers.add(server);
  server.once('exit', () => servers.delete(server));
}

/** For a run that is broken off: stops every server that still runs, and removes every directory. */
export async function clearLeftovers(): Promise<void> {
  const ended = [...servers].map((server) => once(server, 'exit'));
  for (const server of servers) server.kill('SIGTERM');
  await Promise.all(ended);
  for (const room of rooms) await removeRoom(room);
}
