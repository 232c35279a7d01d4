import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instance, type Start, start, temporaryData } from '../harness/instance.ts';

/** A data directory with the instance that runs on it at the moment. Nothing is left behind, however a drill ends. */
export interface House {
  readonly data: string;
  readonly instance: Instance;
  /** Starts the server on the same data directory. */
  start(): Promise<Instance>;
  /** Starts it and kills it so many milliseconds later. */
  startAndKill(after_ms: number): Promise<void>;
  /** Ends everything and removes the folder. */
  remove(): Promise<void>;
}

/** Plain HTTP: what is drilled lies behind the transport. */
export async function house(env: Start['env'] = {}): Promise<House> {
  const data = await temporaryData();
  const options: Start = { data, env, tls: 'off' };
  let instance: Instance | undefined;
  const run = async (): Promise<Instance> => {
    instance = await start(options);
    return instance;
  };
  const kill = (): void => {
    if (instance?.process.exitCode === null) instance.process.kill('SIGKILL');
  };
  const atExit = (): void => {
    kill();
    rmSync(data, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  const remove = async (): Promise<void> => {
    if (instance !== undefined && instance.process.exitCode === null && instance.process.signalCode === null) {
      await Promise.race([instance.stop(), sleep(40_000, undefined, { ref: false })]);
    }
    kill();
    process.off('exit', atExit);
    // PostgreSQL may still be on its way out where the server was killed.
    await rm(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  };
  try {
    await run();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    data,
    get instance() {
      if (instance === undefined) throw new Error('nothing runs');
      return instance;
    },
    start: run,
    startAndKill: async (after_ms) => {
      const starting = start(options).catch((error: Error) => error);
      await sleep(after_ms);
      killHolder(data);
      const started = await starting;
      if (!(started instanceof Error)) started.process.kill('SIGKILL');
    },
    remove,
  };
}

/** Kills the `safeguard up` of a data directory that may not have come so far as to tell its process id. */
function killHolder(data: string): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (words.includes('up') && words.includes(data)) process.kill(Number(name), 'SIGKILL');
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

/** Resolves with how long it took until it is ready and a request is served; throws when that takes too long. */
export async function served(instance: Pick<Instance, 'request'>, token: string, patience_ms: number): Promise<number> {
  const begun = performance.now();
  let last = 'no answer';
  while (performance.now() - begun < patience_ms) {
    try {
      const ready = await instance.request({ path: '/readyz' });
      const path = `/fhir/R4/Patient/${crypto.randomUUID()}`;
      const read = ready.status === 200 ? await instance.request({ path, token }) : ready;
      if (read.status === 404) return Math.round(performance.now() - begun);
      last = `${read.status} ${read.text.slice(0, 200)}`;
    } catch (error) {
      last = String(error);
    }
    await sleep(50);
  }
  throw new Error(`it does not serve within ${patience_ms} ms: ${last}`);
}
