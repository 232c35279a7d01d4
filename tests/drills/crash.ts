import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type Ask,
  asking,
  type Breach,
  checkAnswers,
  checkBundle,
  checkRows,
  checkTrack,
  checkVerifies,
  checkVersions,
  settleLost,
} from './check.ts';
import { type Entry, type Progress, readEntries } from './entries.ts';
import { type House, house, served } from './instance.ts';
import { type Journal, newJournal } from './journal.ts';
import { endsPostgres, endsServer, freezeWalWriter, kill, type Victim, victims } from './kill.ts';
import { create, newWorker, startLoad } from './load.ts';
import { type Choices, choices } from './random.ts';

export interface CrashOptions {
  readonly points: number;
  readonly seed: number;
  /** In turn, in an order that the seed shuffles. Default: all. */
  readonly victims?: readonly Victim[];
  /** Of the server's process: mutations, settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take until it serves again. Default 30,000. */
  readonly patience_ms?: number;
  /** Takes a line of progress. */
  say(line: string): void;
}

export interface CrashResult {
  readonly breaches: readonly Breach[];
  /** Requests by what they were and how they ended. */
  readonly counts: ReadonlyMap<string, number>;
  readonly acknowledged: number;
  readonly entries: number;
  readonly duration_s: number;
}

const workers = 8;
const longest_ms = 30_000;

/** Everything a run of the drill knows. */
interface Run {
  readonly options: CrashOptions;
  readonly place: House;
  readonly random: Choices;
  readonly journal: Journal;
  readonly token: string;
  readonly entries: Entry[];
  readonly progress: Progress;
  readonly breaches: Map<string, Breach>;
}

/**
 * Kills a process of the platform under load, again and again, and holds what is there afterwards against what was
 * answered. The clients' own journal is the judge: it knows every answer, and which requests got none.
 */
export async function crash(options: CrashOptions): Promise<CrashResult> {
  const begun = performance.now();
  const place = await house(options.env);
  try {
    const token = await place.instance.token();
    const random = choices(options.seed);
    const journal = newJournal(`m${options.seed}`);
    const breaches = new Map<string, Breach>();
    const run: Run = { options, place, random, journal, token, entries: [], progress: new Map(), breaches };
    await makeShared(run);
    for (let point = 1; point <= options.points && !gone(run); point += 1) await onePoint(run, point);
    if (!gone(run)) await lastCheck(run);
    return {
      breaches: [...breaches.values()],
      counts: journal.counts,
      acknowledged: [...journal.tracks.values()].flatMap((track) => track.attempts.filter((one) => one.version)).length,
      entries: run.entries.length,
      duration_s: Math.round((performance.now() - begun) / 1000),
    };
  } finally {
    await place.remove();
  }
}

const gone = ({ breaches }: Run): boolean => [...breaches.values()].some(({ kind }) => kind === 'does not serve');

async function makeShared({ place, journal, random, token }: Run): Promise<void> {
  const worker = newWorker({ instance: place.instance, journal, random, token, workers: 1 });
  for (const type of ['Patient', 'Observation', 'Encounter'] as const) await create(worker, type);
  journal.shared.push(...worker.own);
}

function add(run: Run, point: string, found: readonly Breach[]): void {
  for (const breach of found) {
    const key = `${breach.kind}: ${breach.text}`;
    if (run.breaches.has(key)) continue;
    run.breaches.set(key, breach);
    run.options.say(`  ${point}: ${key}`);
  }
}

async function onePoint(run: Run, point: number): Promise<void> {
  const { options, place, random, journal, token } = run;
  const patience_ms = options.patience_ms ?? longest_ms;
  const order = options.victims ?? victims;
  const victim = point <= order.length ? (order[point - 1] ?? 'server') : random.pick(order);
  if (endsPostgres(victim)) freezeWalWriter(place.data);
  const load = startLoad({ instance: place.instance, token, journal, random, workers });
  await sleep(random.between(100, 900));
  const told = kill(victim, place.instance, random);
  const begun = performance.now();
  // Requests go on arriving while it comes back.
  await sleep(endsServer(victim) ? 50 : random.between(200, 1500));
  await load.stop();
  if (victim === 'server twice') await place.startAndKill(random.between(100, 1800));
  let back_ms = 0;
  try {
    if (endsServer(victim)) await place.start();
    await served(place.instance, token, patience_ms);
    back_ms = Math.round(performance.now() - begun);
    await checkServing(run, `point ${point}`, endsServer(victim));
  } catch (error) {
    add(run, `point ${point}`, [{ kind: 'does not serve', text: String(error).slice(0, 1000) }]);
    await sleep(300);
    options.say(news(place.instance.output()));
  }
  add(run, `point ${point}`, await rowsLost(run));
  options.say(`point ${point}: killed ${told}; served again after ${back_ms} ms; ${run.entries.length} entries`);
}

/** The last that a server's log said beside its requests. */
function news(output: string): string {
  const lines = output
    .split('\n')
    .filter((line) => !line.includes('"msg":"request"') && !line.includes('did not answer'));
  return lines.slice(-30).join('\n').slice(-8000);
}

/** Also of a server that does not serve, where its PostgreSQL still answers. */
async function rowsLost({ place, journal }: Run): Promise<Breach[]> {
  try {
    return await checkRows(place.data, journal);
  } catch (error) {
    return [{ kind: 'does not serve', text: `PostgreSQL: ${error}` }];
  }
}

/** What can be asked of a server that serves. */
async function checkServing(run: Run, point: string, restarted: boolean): Promise<void> {
  const { place, journal, token, entries } = run;
  const ask = asking(place.instance, token);
  add(run, point, await settleLost(ask, journal));
  const touched = [...journal.tracks.values()].filter((track) => track.touched);
  add(run, point, await inTurns(touched, (track) => checkTrack(ask, track)));
  for (const track of touched) track.touched = false;
  add(run, point, await checkBundles(run, ask));
  entries.push(...(await readEntries(place.data, run.progress)));
  add(run, point, checkAnswers(entries, journal));
  // Without a restart, writes whose answer was lost may wait for up to a minute and a half to be chained.
  if (restarted) add(run, point, await checkVersions(place.data, entries));
  add(run, point, await checkVerifies(place.instance));
  add(
    run,
    point,
    journal.odd.splice(0).map((text) => ({ kind: 'odd answer', text })),
  );
}

function checkBundles({ journal }: Run, ask: Ask): Promise<Breach[]> {
  const some = journal.bundles.filter((bundle) => !bundle.checked);
  for (const bundle of some) bundle.checked = true;
  return inTurns(some, (bundle) => checkBundle(ask, journal, bundle));
}

/** After a clean stop and start: everything once more, from the first entry on. */
async function lastCheck(run: Run): Promise<void> {
  const { place, journal, progress, entries, token } = run;
  const code = await place.instance.stop();
  if (code !== 0) add(run, 'at the end', [{ kind: 'odd answer', text: `SIGTERM ended with ${code}` }]);
  await place.start();
  await served(place.instance, token, longest_ms);
  for (const track of journal.tracks.values()) track.touched = true;
  for (const bundle of journal.bundles) bundle.checked = false;
  progress.clear();
  entries.length = 0;
  await checkServing(run, 'at the end', true);
}

const side = 8;

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<Breach[]>): Promise<Breach[]> {
  const waiting = [...items];
  const results: Breach[][] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: side }, worker));
  return results.flat();
}

/** A table of what the run was made of. */
export function summary({ breaches, counts, acknowledged, entries, duration_s }: CrashResult): string {
  const kinds = Map.groupBy(breaches, ({ kind }) => kind);
  return [
    ...[...counts].sort().map(([what, number]) => `  ${what}: ${number}`),
    `${acknowledged} versions acknowledged, ${entries} entries read, ${duration_s} s`,
    breaches.length === 0 ? 'nothing was lost' : `${breaches.length} BREACHES`,
    ...[...kinds].map(([kind, some]) => `  ${kind}: ${some.length}, such as ${some[0]?.text}`),
  ].join('\n');
}

/** `node tests/drills/crash.ts [--points 60] [--seed N] [--victims server,postgres]` */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      points: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      victims: { type: 'string', default: victims.join() },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  say(`seed ${values.seed}`);
  const chosen = victims.filter((victim) => values.victims.split(',').includes(victim));
  const result = await crash({ points: Number(values.points), seed: Number(values.seed), victims: chosen, say });
  say(summary(result));
  process.exitCode = result.breaches.length === 0 ? 0 : 1;
}
