import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts process times in hundredths of a second (USER_HZ), on every machine that we run on. */
const tick_ms = 10;

/** A file of /proc, or undefined when its process is gone. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

interface Times {
  readonly parent: number;
  readonly own_ms: number;
  /** Of children that ended and were waited for. */
  readonly reaped_ms: number;
}

/** Fields of /proc/PID/stat after the command's name (proc_pid_stat(5)): 4 ppid, 14–17 utime, stime, cutime, cstime. */
function timesOf(pid: number): Times | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    parent: field(4),
    own_ms: (field(14) + field(15)) * tick_ms,
    reaped_ms: (field(16) + field(17)) * tick_ms,
  };
}

/** CPU milliseconds of one process so far, all its threads. */
export const cpuOf = (pid: number): number => timesOf(pid)?.own_ms ?? 0;

/** CPU milliseconds of PostgreSQL so far: the postmaster, its living children, and those that it has reaped. */
export function cpuOfPostgres(postmaster: number): number {
  const own = timesOf(postmaster);
  if (own === undefined) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => timesOf(Number(name)))
    .filter((times) => times?.parent === postmaster);
  return own.own_ms + own.reaped_ms + children.reduce((sum, times) => sum + (times?.own_ms ?? 0), 0);
}

/** Resident memory of a process now, in bytes. */
export function rssOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
