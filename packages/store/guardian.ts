import { spawn } from 'node:child_process';

/** Shuts PostgreSQL down when this process dies without doing so itself, `kill -9` included. */
export interface Guardian {
  /** From now on the postmaster is `pid`. */
  watch(pid: number): void;
  /** PostgreSQL is down: there is nothing left to guard. */
  dismiss(): void;
}

/**
 * The shell waits on its standard input. End of file means that the process holding the other end is gone: then it
 * shuts down the last postmaster it was told of, when that still carries the cluster's mark (a recycled id does not).
 */
const script = `
pid=
while read -r line; do
  case $line in dismiss) pid=; [ -n "$2" ] || exit 0 ;; *) pid=$line ;; esac
done
command() {
  if [ -d /proc/self ]; then tr '\\0' ' ' < "/proc/$pid/cmdline"; else ps -p "$pid" -o command=; fi
}
ours() { case $(command 2>/dev/null) in *postgres*"$mark"*) true ;; *) false ;; esac; }
mark=$1
[ -n "$pid" ] && ours && kill -INT "$pid"
[ -n "$2" ] || exit 0
tries=0
while [ -n "$pid" ] && ours && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf -- "$2"
`;

/**
 * Starts the guardian in a session of its own, so that Ctrl-C and the death of our process group pass it by.
 * @param mark the cluster's mark
 * @param litter directory to delete after the shutdown (tests), or empty
 */
export function startGuardian(mark: string, litter: string): Guardian {
  const shell = spawn('/bin/sh', ['-c', script, 'guardian', mark, litter], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  });
  // A guardian that died early (EPIPE) is a lost safety net, not a reason to stop; the next start sweeps up after us.
  let alive = true;
  const lost = (): void => {
    alive = false;
  };
  shell.on('error', lost).on('exit', lost);
  shell.stdin.on('error', lost);
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  const tell = (line: string): void => {
    if (alive) shell.stdin.write(`${line}\n`);
  };
  return { watch: (pid) => tell(String(pid)), dismiss: () => tell('dismiss') };
}
