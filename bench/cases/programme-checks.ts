import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bench, type Load, load, measuredOf, type Stand, sendOnce } from '../bench.ts';
import type { Report } from '../generator/plan.ts';
import { askOperator } from '../instance/admin.ts';
import { fhirBase, type Instance } from '../instance/open.ts';
import { digits } from '../report/format.ts';
import { atMost, type Figure, type Row } from '../row.ts';

/** As many as beside a storm of sign-ins: what a clinic of some size asks. */
const reads_per_s = 500;
const program = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'bin', 'safeguard.js');
const slowest_count = 5;
/** In turn, so that what drifts is shared; each of half the time of a case. */
const rounds = 6;

interface Evidence {
  readonly check: string;
  readonly took_ms: number;
}
/** One run of all checks, as the operator asks for it. */
interface FullRun {
  readonly took_s: number;
  readonly items: readonly Evidence[];
}

async function fullRun({ data }: Instance): Promise<FullRun> {
  const began = performance.now();
  const { items } = await askOperator<{ items: Evidence[] }>(data, '/checks/run', {});
  return { took_s: (performance.now() - began) / 1000, items };
}

/** The demo's patients: `Patient/<id>` each. */
async function demoPatients(stand: Stand, count: number): Promise<readonly string[]> {
  const { data } = stand.instance;
  await promisify(execFile)(process.execPath, [program, 'demo', '--data', data, '--count', String(count)]);
  const path = `${fhirBase}/Patient?_count=${count}&_elements=id`;
  const asks = [{ method: 'GET', path, expected: 200, units: 1 }] as const;
  const { kept } = await sendOnce(stand, { name: 'redeem', asks }, 1);
  const { entry } = JSON.parse(kept[0] ?? '{}') as { entry?: readonly { resource: { id: string } }[] };
  if (entry?.length !== count) throw new Error(`${entry?.length} of ${count} patients of the demo were found`);
  return entry.map(({ resource }) => `Patient/${resource.id}`);
}

interface Round {
  readonly reads: Report;
  readonly runs: readonly FullRun[];
}

/** Reads alone; or beside full runs, one after the other for as long as there are reads. */
async function round({ options }: Bench, { instance }: Stand, wanted: Load, isChecked: boolean): Promise<Round> {
  const runs: FullRun[] = [];
  let isOver = false;
  const running = async (): Promise<void> => {
    while (isChecked && !isOver) runs.push(await fullRun(instance));
  };
  const reading = load(options, instance, wanted, 0.5).finally(() => {
    isOver = true;
  });
  const [reads] = await Promise.all([reading, running()]);
  return { reads, runs };
}

const p99 = ({ reads }: Round): number => reads.latency_ms.p99;

/** The round whose p99 lies between the others'. */
const middle = (all: readonly Round[]): Round => {
  const found = all.toSorted((one, other) => p99(one) - p99(other))[all.length >> 1];
  if (found === undefined) throw new Error('no round was measured');
  return found;
};

const spread = (all: readonly Round[]): Figure => ({
  what: 'p99 of each round',
  value: Math.min(...all.map(p99)),
  unit: `to ${digits(Math.max(...all.map(p99)))} ms`,
});

function runFigures(alone: FullRun, all: readonly Round[]): Figure[] {
  const beside = all.flatMap(({ runs }) => runs).map(({ took_s }) => took_s);
  const slowest = alone.items.toSorted((one, other) => other.took_ms - one.took_ms).slice(0, slowest_count);
  return [
    { what: 'checks of a full run', value: alone.items.length, unit: '' },
    { what: 'a full run alone', value: alone.took_s, unit: 's' },
    { what: 'a full run beside the reads', value: Math.min(...beside), unit: `to ${digits(Math.max(...beside))} s` },
    ...slowest.map(({ check, took_ms }) => ({ what: check, value: took_ms, unit: 'ms' })),
  ];
}

/** Reads of the demo's patients, alone and beside full runs of all checks. */
export function programmeChecks(bench: Bench): Promise<Row[]> {
  const { options, say } = bench;
  const settings = { programme: { schedule: 'off' } };
  const work = async (stand: Stand): Promise<void> => {
    const patients = await demoPatients(stand, options.tiny ? 5 : 25);
    const get = (path: string) => ({ method: 'GET', path: `${fhirBase}/${path}`, expected: 200, units: 1 }) as const;
    const reads: Load = { script: { name: 'random', asks: patients.map(get) }, per_second: reads_per_s };
    // The first one makes the tenants of the checks, and their patients.
    await fullRun(stand.instance);
    const alone = await fullRun(stand.instance);
    const [quiet, checked]: [Round[], Round[]] = [[], []];
    for (let turn = 1; turn <= (options.tiny ? 1 : rounds); turn += 1) {
      say(`programme-checks: round ${turn}, without and with`);
      quiet.push(await round(bench, stand, reads, false));
      checked.push(await round(bench, stand, reads, true));
    }
    const row = (name: string, text: string, all: readonly Round[]) =>
      ({ name, text, unit: 'requests', measured: measuredOf(middle(all).reads) }) as const;
    const longest = Math.max(alone.took_s, ...checked.flatMap(({ runs }) => runs.map(({ took_s }) => took_s)));
    stand.rows.push({
      ...row('checks-none', `${reads_per_s} reads/s of the demo's patients`, quiet),
      figures: [spread(quiet)],
      bars: [],
    });
    stand.rows.push({
      ...row('checks-all', 'the same beside full runs of all checks, one after the other', checked),
      figures: [spread(checked), ...runFigures(alone, checked)],
      bars: [
        atMost('a full run of all checks', longest, 60, 's'),
        atMost('p99 of reads, to that without checks', p99(middle(checked)) / p99(middle(quiet)), 1.25, '×'),
      ],
    });
  };
  return bench.on('programme-checks', work, { settings });
}
