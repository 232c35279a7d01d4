import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { type Check, type CheckResult, resultOf } from '@safeguard/kernel';
import type { HttpCheckDeps } from './checks.ts';
import { placeOf } from './wire.ts';

/** Something that a process listens on. */
type Door = { readonly inode: string } & (
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
);

/** `/proc/net/tcp` writes 32-bit words in the order of the machine: little-endian wherever Node runs. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  return bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1 ? '::1' : hex.toLowerCase();
}

const fields = (text: string): string[][] => text.split('\n').map((line) => line.trim().split(/\s+/));

/** Listening sockets (state 0A) of one of the kernel's tables. */
function tcpDoors(table: string): Door[] {
  return fields(table)
    .filter((row) => row[3] === '0A')
    .map(([, local = '', , , , , , , , inode = '']) => {
      const [address = '', port = ''] = local.split(':');
      return { kind: 'tcp', inode, address: addressOf(address), port: Number.parseInt(port, 16) };
    });
}

/** Unix sockets that accept connections (flag 0x10000). */
function unixDoors(table: string): Door[] {
  return fields(table)
    .filter((row) => (Number.parseInt(row[3] ?? '', 16) & 0x10000) !== 0)
    .map((row) => ({ kind: 'unix', inode: row[6] ?? '', path: row.slice(7).join(' ') }));
}

/** The sockets that a process holds, by inode. */
async function heldBy(pid: string): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((fd) =>
      // Closed since it was listed: then it is no door.
      readlink(`${folder}/${fd}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      }),
    ),
  );
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

async function doorsOf(pid: string): Promise<Door[]> {
  const [tcp, tcp6, unix] = await Promise.all(
    ['tcp', 'tcp6', 'unix'].map((name) =>
      readFile(`/proc/net/${name}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
        // A machine without IPv6 has no such table.
        if (error.code === 'ENOENT' && name === 'tcp6') return '';
        throw error;
      }),
    ),
  );
  const held = await heldBy(pid);
  const all = [...tcpDoors(tcp ?? ''), ...tcpDoors(tcp6 ?? ''), ...unixDoors(unix ?? '')];
  return all.filter(({ inode }) => held.has(inode));
}

const loopback = new Set(['127.0.0.1', '::1']);

/** Whether the server was told to listen there. A name may stand for any address. */
function isOurs({ probe, settings: { host } }: HttpCheckDeps, { address, port }: Door & { kind: 'tcp' }): boolean {
  if (port !== placeOf(probe).port) return false;
  if (host === 'localhost') return loopback.has(address);
  return isIP(host) !== 4 && host !== '::' ? true : address === host;
}

/** A door in the file system is sound where no other account gets through it. */
async function isPrivate(path: string): Promise<boolean> {
  if (!path.startsWith('/')) return false;
  const [door, room] = [await lstat(path), await lstat(dirname(path))];
  const own = door.uid === process.getuid?.();
  return own && ((door.mode & 0o077) === 0 || (room.mode & 0o077) === 0);
}

async function faultOf(deps: HttpCheckDeps, door: Door): Promise<string[]> {
  if (door.kind === 'tcp') {
    return isOurs(deps, door) ? [] : [`the server listens on ${door.address} port ${door.port}, and nothing is to`];
  }
  return (await isPrivate(door.path)) ? [] : ['other accounts of this machine can open a Unix socket of the server'];
}

async function postgresFaults(pid: number | undefined): Promise<{ doors: number; wrong: string[] }> {
  if (pid === undefined) return { doors: 0, wrong: [] };
  const doors = await doorsOf(String(pid));
  const open = doors.filter((door) => door.kind === 'tcp');
  return { doors: doors.length, wrong: open.map(({ port }) => `the embedded PostgreSQL listens on port ${port}`) };
}

const untold: CheckResult = {
  result: 'unknown',
  examined: 0,
  saw: 'This system does not tell what a process listens on: there is no /proc.',
  todo: 'Look with the system’s own tools, or run the server on Linux.',
};

/** 45 CFR 164.312(a)(1): there are no doors but those that are guarded. */
export const listeners = (deps: HttpCheckDeps): Check => ({
  id: 'http.listeners',
  title: 'No door is open that nobody watches',
  query:
    'Every listening socket of this process (and of an embedded PostgreSQL), as the kernel lists ' +
    'them: the configured ' +
    'addresses and port, and Unix sockets that no other account can open. Everything else counts.',
  every_s: 900,
  async run() {
    if (process.platform !== 'linux') return untold;
    const doors = await doorsOf('self');
    const postgres = await postgresFaults(deps.postgres?.());
    const found = await Promise.all(doors.map((door) => faultOf(deps, door)));
    return resultOf({
      examined: doors.length + postgres.doors,
      wrong: [...found.flat(), ...postgres.wrong],
      met: `${doors.length + postgres.doors} listening sockets, all of them expected.`,
      unmet: 'Something listens that is not expected: a way in past the guard, a debugger perhaps.',
      todo: 'Find what opened it (a debugger, an added module, a changed setting), and close it.',
    });
  },
});
