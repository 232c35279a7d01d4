import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Entry, type Progress, readEntries } from './entries.ts';
import {
  checkAnswered,
  checkIdentityRows,
  checkKept,
  checkLog,
  checkOnce,
  type IdentityBreach,
} from './identity-check.ts';
import {
  type Cast,
  type IdentityJournal,
  journalled,
  makeCast,
  newIdentityJournal,
  startIdentityLoad,
} from './identity-load.ts';
import { type House, house, served } from './instance.ts';
import { kill } from './kill.ts';
import { type Choices, choices } from './random.ts';

export interface IdentityCrashOptions {
  readonly points: number;
  readonly seed: number;
  /** Of the server's process: mutations. */
  readonly env?: Readonly<Record<string, string>>;
  say(line: string): void;
}

export interface IdentityCrashResult {
  readonly breaches: readonly IdentityBreach[];
  /** What was done, and how it ended. */
  readonly counts: ReadonlyMap<string, number>;
  readonly entries: number;
}

interface Run {
  readonly place: House;
  readonly journal: IdentityJournal;
  readonly cast: Cast;
  readonly random: Choices;
  readonly entries: Entry[];
  readonly progress: Progress;
  readonly breaches: IdentityBreach[];
}

const patience_ms = 30_000;

/** The server dies in the middle of sign-ins, enrolments, codes, refreshes and new clients, and comes back. */
async function onePoint(run: Run, say: IdentityCrashOptions['say']): Promise<void> {
  const { place, journal, cast, random } = run;
  const load = startIdentityLoad({ instance: journalled(place.instance, journal), journal, cast }, random);
  await sleep(random.between(300, 1800));
  kill(random.chance(0.25) ? 'all' : 'server', place.instance, random);
  await sleep(30);
  await load.stop();
  await place.start();
  const back_ms = await served(place.instance, cast.token, patience_ms);
  run.breaches.push(...(await checkIdentityRows(place.data)));
  run.breaches.push(...(await checkOnce(journalled(place.instance, journal), journal)));
  say(`served again after ${back_ms} ms; ${journal.people.length} people, ${journal.answered.size} answers`);
}

async function lastCheck({ place, journal, entries, progress, breaches }: Run): Promise<void> {
  const instance = journalled(place.instance, journal);
  breaches.push(...(await checkKept(instance, place.data, journal)));
  entries.push(...(await readEntries(place.data, progress)));
  breaches.push(...checkAnswered(entries, journal));
  breaches.push(...(await checkLog(place.instance)));
  breaches.push(...journal.odd.map((text): IdentityBreach => ({ kind: 'odd answer', text })));
}

export async function identityCrash({ points, seed, env, say }: IdentityCrashOptions): Promise<IdentityCrashResult> {
  const place = await house(env);
  try {
    const journal = newIdentityJournal();
    const cast = await makeCast(journalled(place.instance, journal), journal);
    const common = { place, journal, cast, random: choices(seed) };
    const run: Run = { ...common, entries: [], progress: new Map(), breaches: [] };
    for (let point = 1; point <= points; point += 1) {
      await onePoint(run, (line) => say(`point ${point}: ${line}`)).catch((error: unknown) => {
        run.breaches.push({ kind: 'does not serve', text: String(error).slice(0, 500) });
      });
    }
    await lastCheck(run);
    return { breaches: run.breaches, counts: journal.counts, entries: run.entries.length };
  } finally {
    await place.remove();
  }
}

/** `node tests/drills/identity-crash.ts [--points 20] [--seed N]` */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      points: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  say(`seed ${values.seed}`);
  const begun = performance.now();
  const { breaches, counts, entries } = await identityCrash({
    points: Number(values.points),
    seed: Number(values.seed),
    say,
  });
  for (const [what, count] of [...counts].sort()) say(`  ${what}: ${count}`);
  for (const { kind, text } of breaches) say(`BREACH ${kind}: ${text}`);
  say(`${entries} entries, ${breaches.length} breaches, ${Math.round((performance.now() - begun) / 1000)} s`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
