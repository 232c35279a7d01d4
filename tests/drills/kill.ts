import type { Instance } from '../harness/instance.ts';
import { childrenOf, postmasterOf } from './database.ts';
import type { Choices } from './random.ts';

/** What dies. `server twice`: once more while it comes up again. `all`: server and PostgreSQL in the same moment. */
export const victims = ['server', 'postgres', 'backend', 'server twice', 'all'] as const;
export type Victim = (typeof victims)[number];

/** True where the server has to be started again; PostgreSQL is brought back by a living server. */
export const endsServer = (victim: Victim): boolean => victim !== 'postgres' && victim !== 'backend';

const end = (pid: number): void => {
  process.kill(pid, 'SIGKILL');
};

/** True where PostgreSQL dies with its postmaster. */
export const endsPostgres = (victim: Victim): boolean => victim === 'postgres' || victim === 'all';

/** The postmaster, and the WAL writer, which may be stopped and then would not end by itself. */
function endPostgres(data: string): void {
  const postmaster = postmasterOf(data);
  const writer = walWriterOf(postmaster);
  end(postmaster);
  if (writer !== undefined) signal(writer);
}

/** PostgreSQL with all its processes: a backend that outlives its postmaster for a moment may still commit. */
export function killAll(data: string): void {
  const postmaster = postmasterOf(data);
  const children = childrenOf(postmaster);
  end(postmaster);
  for (const { pid } of children) signal(pid);
}

/** A child may end by itself when its postmaster is gone. */
function signal(pid: number): void {
  try {
    end(pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const walWriterOf = (postmaster: number): number | undefined =>
  childrenOf(postmaster).find(({ title }) => title.includes('walwriter'))?.pid;

/** Sends the SIGKILLs. Answers what was killed, in words. */
export function kill(victim: Victim, { data, pid }: Pick<Instance, 'data' | 'pid'>, random: Choices): string {
  if (victim === 'postgres') {
    endPostgres(data);
    return 'the postmaster';
  }
  if (victim === 'backend') {
    const some = childrenOf(postmasterOf(data)).filter(({ title }) => !title.includes('logger'));
    const one = random.pick(some);
    end(one.pid);
    return one.title.replace(/safeguard-\d+-\d+: /, '');
  }
  if (victim === 'all') endPostgres(data);
  end(pid);
  return victim === 'all' ? 'server and postmaster' : 'the server';
}

/**
 * Stops PostgreSQL's WAL writer. It hands what is not flushed to the kernel page by page, where it outlives a SIGKILL:
 * without it, a crash of the processes loses what a loss of power would.
 */
export function freezeWalWriter(data: string): void {
  const writer = walWriterOf(postmasterOf(data));
  if (writer === undefined) throw new Error('there is no WAL writer');
  process.kill(writer, 'SIGSTOP');
}
