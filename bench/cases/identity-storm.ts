import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Load, load, measuredOf, measureFloor, type Stand, timesOf } from '../bench.ts';
import { agent, formType } from '../generator/browser.ts';
import type { Ask, Report } from '../generator/plan.ts';
import { generate } from '../generator/run.ts';
import { fhirBase } from '../instance/open.ts';
import { newPeople } from '../instance/people.ts';
import { digits } from '../report/format.ts';
import { atMost, type Figure, type Row } from '../row.ts';
import { loadPatients } from './clinic.ts';
import { selects } from './floors.ts';

/** Reads a second: what a clinic of some size asks, and a quarter of what the server can. */
const reads_per_s = 500;
const attempts_per_s = 200;
/** As many attempts may wait for the slow hash at once, and some more are on their way. */
const attackers = 96;
/** A network fails 100 times a minute at most: so many stay below it. */
const networks = 96;
const logins = 5_000;

function attempt(origin: string, number: number): Ask {
  const login = `member${number}@clinic.example`;
  const fields = { login, password: 'not-the-password-of-anybody', tenant: 'default', return: '/account' };
  return {
    method: 'POST',
    path: '/sign-in',
    body: new URLSearchParams(fields).toString(),
    headers: { origin, 'user-agent': agent, accept: 'text/html', 'content-type': formType },
    // Wrong, or nothing was looked at.
    expected: [422, 429],
    units: 1,
  };
}

/** Long enough for the attackers to be connected before the reads begin. */
const head_start_ms = 1_000;
/** The three in turn, again and again: what drifts is shared by all. */
const roundsOf = ({ options }: Bench): number => (options.tiny ? 1 : 3);

/** Attempts, each as a browser's first request, from one network or from many, beside all of a measured load. */
function storm(bench: Bench, { instance }: Stand, sources: number | undefined): Promise<Report> {
  const { target, watch, origin } = instance;
  const asks = Array.from({ length: logins }, (_, number) => attempt(origin, number));
  const { warmup_ms, measured_ms } = timesOf(bench.options, 1 / roundsOf(bench));
  return generate({
    target,
    watch,
    script: { name: 'in turn', asks },
    connections: attackers,
    per_second: attempts_per_s,
    ...(sources === undefined ? {} : { sources }),
    warmup_ms: head_start_ms + warmup_ms,
    measured_ms,
  });
}

const storms = [
  { name: 'storm-none', text: `${reads_per_s} reads/s; floor: one SELECT at the same rate` },
  { name: 'storm-one', text: `the same beside ${attempts_per_s} password attempts/s from one network`, sources: 1 },
  {
    name: 'storm-many',
    text: `the same beside ${attempts_per_s} attempts/s from ${networks} networks`,
    sources: networks,
  },
] as const;
type Storm = (typeof storms)[number];

interface Round {
  readonly reads: Report;
  readonly attempts: Report | undefined;
}

async function round(bench: Bench, stand: Stand, one: Storm, wanted: Load): Promise<Round> {
  const reads = () => load(bench.options, stand.instance, wanted, 1 / roundsOf(bench));
  if (!('sources' in one)) return { reads: await reads(), attempts: undefined };
  const attacked = storm(bench, stand, one.sources);
  const [attempts, report] = await Promise.all([attacked, sleep(head_start_ms).then(reads)]);
  if (attempts.errors > 0) throw new Error(`an attempt was answered otherwise: ${attempts.told[0]}`);
  return { reads: report, attempts };
}

const p99 = ({ reads }: Round): number => reads.latency_ms.p99;
const mean = (all: readonly number[]): number => all.reduce((sum, value) => sum + value, 0) / all.length;

/** Of three rounds the one whose p99 lies between the others'. */
const middle = (all: readonly Round[]): Round => {
  const found = all.toSorted((one, other) => p99(one) - p99(other))[all.length >> 1];
  if (found === undefined) throw new Error('no round was measured');
  return found;
};

const cpuOf = ({ reads }: Round): number => (reads.cpu_ms.server + reads.cpu_ms.postgres) / reads.seconds;

/** What an attempt costs the server and PostgreSQL, those that are hashed and those that are sent away together. */
function attemptFigures(all: readonly Round[], quiet: readonly Round[]): Figure[] {
  const attempts = all.flatMap((one) => one.attempts ?? []);
  const rate = (status: number): number => mean(attempts.map((one) => (one.statuses[status] ?? 0) / one.seconds));
  const [wrong, away] = [rate(422), rate(429)];
  const cost_ms = (mean(all.map(cpuOf)) - mean(quiet.map(cpuOf))) / (wrong + away);
  return [
    { what: 'attempts found wrong', value: wrong, unit: '/s' },
    { what: 'attempts sent away', value: away, unit: '/s' },
    { what: 'CPU of an attempt, server and PostgreSQL', value: cost_ms, unit: 'ms' },
  ];
}

function rowOf({ name, text }: Storm, all: readonly Round[], quiet: readonly Round[]): Row {
  const { reads } = middle(all);
  const row = { name, text, unit: 'requests', measured: measuredOf(reads) } as const;
  const spread = {
    what: 'p99 of each round',
    value: Math.min(...all.map(p99)),
    unit: `to ${digits(Math.max(...all.map(p99)))} ms`,
  };
  if (all === quiet) return { ...row, figures: [spread], bars: [] };
  const lifted = reads.latency_ms.p99 / p99(middle(quiet));
  const bars = [atMost(`${name}: p99 of reads, to that without attempts`, lifted, 2, '×')];
  return { ...row, figures: [spread, ...attemptFigures(all, quiet)], bars };
}

async function allRounds(bench: Bench, stand: Stand, reads: Load): Promise<Round[][]> {
  const measured: Round[][] = storms.map(() => []);
  for (let turn = 0; turn < roundsOf(bench); turn += 1) {
    for (const [number, one] of storms.entries()) {
      bench.say(`${one.name}: round ${turn + 1}`);
      measured[number]?.push(await round(bench, stand, one, reads));
    }
  }
  return measured;
}

/** Reads beside a storm of guesses at passwords. */
export function identityStorm(bench: Bench): Promise<Row[]> {
  return bench.on('identity-storm', async (stand) => {
    const patients = await loadPatients(stand, bench.options.tiny ? 20 : 1000);
    // Without an administrator nobody could sign in at all.
    await newPeople(stand.instance, 0);
    const get = (path: string) => ({ method: 'GET', path: `${fhirBase}/${path}`, expected: 200, units: 1 }) as const;
    const reads: Load = { script: { name: 'random', asks: patients.map(get) }, per_second: reads_per_s };
    const floorLoad: Load = { script: selects(stand.floor), per_second: reads_per_s };
    const before = await measureFloor(bench, stand, 'identity-storm', floorLoad);
    const measured = await allRounds(bench, stand, reads);
    const after = await measureFloor(bench, stand, 'identity-storm', floorLoad);
    const [quiet = []] = measured;
    const floor = { before, after, units_per_s: mean([before.units_per_s, after.units_per_s]) };
    const p99s = { what: 'p99 of the floor', value: mean([before.latency_ms.p99, after.latency_ms.p99]), unit: 'ms' };
    for (const [number, one] of storms.entries()) {
      const row = rowOf(one, measured[number] ?? [], quiet);
      const ratio = (row.measured?.units_per_s ?? 0) / floor.units_per_s;
      stand.rows.push({ ...row, floor, ratio, figures: [...row.figures, p99s] });
    }
  });
}
