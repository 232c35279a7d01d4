import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { syntheticPatients } from '@safeguard/synthetic';
import { type Bench, sendOnce } from '../bench.ts';
import type { Ask, Report } from '../generator/plan.ts';
import { fhirBase } from '../instance/open.ts';
import { type Storage, storageOf } from '../instance/storage.ts';
import { atLeast, atMost, type Figure, type Row } from '../row.ts';
import { transactionAsk } from './bodies.ts';

interface Data {
  readonly name: string;
  readonly text: string;
  /** What the patients refer to; sent first, one after the other, outside of the measured time. */
  readonly first: readonly Ask[];
  readonly patients: readonly Ask[];
}

const connections = 4;
/** The 120 Synthea patients, where this machine has them. */
const synthea = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'synthea');

function generated(tiny: boolean): Data {
  const made = syntheticPatients({ seed: 'load', count: tiny ? 2 : 60, years: tiny ? 1 : 6 });
  const [facilities, ...patients] = Array.from(made, ({ entry }) => transactionAsk(entry));
  return { name: 'load', text: 'generated patients', first: facilities ? [facilities] : [], patients };
}

function realistic(): Data {
  const isFirst = (name: string): boolean => /^(0-|hospital|practitioner)/i.test(name);
  const asks = readdirSync(synthea)
    .filter((name) => name.endsWith('.json.gz'))
    .toSorted()
    .map((name): [string, Ask] => [
      name,
      // The count of resources is read with the file.
      { method: 'POST', path: fhirBase, file: join(synthea, name), expected: 200, units: 0 },
    ]);
  const first = asks.filter(([name]) => isFirst(name)).map(([, ask]) => ask);
  const patients = asks.filter(([name]) => !isFirst(name)).map(([, ask]) => ask);
  return { name: 'load-synthea', text: `${patients.length} Synthea patients`, first, patients };
}

/** Intents are removed, and tails of the log signed, within this time. */
const settle_ms = 2_000;

function runOne(bench: Bench, { name, text, first, patients }: Data): Promise<Row[]> {
  return bench.on(name, async (stand) => {
    const { login } = stand.instance;
    const empty = await storageOf(login);
    bench.say(`${name}: sending`);
    const before = await sendOnce(stand, { name: 'in turn', asks: first, rounds: 1 }, 1);
    const { created: _, ...measured } = await sendOnce(
      stand,
      { name: 'in turn', asks: patients, rounds: 1 },
      connections,
    );
    await sleep(bench.options.tiny ? 0 : settle_ms);
    const full = await storageOf(login);
    const { figures, bars } = judge(before.units + measured.units, measured, empty, full);
    const errors = before.errors + measured.errors;
    const all = { ...measured, errors, told: [...before.told, ...measured.told] };
    const words = `${text}, a transaction each, ${connections} connections`;
    stand.rows.push({
      name,
      text: words,
      unit: 'resources',
      measured: all,
      figures,
      bars: name === 'load' ? [] : bars,
    });
  });
}

function judge(resources: number, measured: Pick<Report, 'units_per_s'>, empty: Storage, full: Storage) {
  const figure = (what: string, value: number, unit = 'B'): Figure => ({ what, value, unit });
  const net = (full.total_bytes - empty.total_bytes) / resources;
  const entries = full.entries_bytes / full.entries;
  const of = (part: 'identity_bytes' | 'clinical_bytes' | 'ledger_bytes'): number =>
    (full[part] - empty[part]) / resources;
  const figures = [
    figure('resources stored', resources, ''),
    figure('database per resource, net of an empty instance', net),
    figure('… identity', of('identity_bytes')),
    figure('… clinical', of('clinical_bytes')),
    figure('… ledger', of('ledger_bytes')),
    figure('database per resource, gross', full.total_bytes / resources),
    figure('empty instance', empty.total_bytes),
    figure('ledger entries', full.entries, ''),
    figure('table and index per ledger entry', entries),
    figure('the same with tiles and checkpoints', full.log_bytes / full.entries),
  ];
  const bars = [
    atLeast('load of the patients', measured.units_per_s, 2000, 'resources/s'),
    atMost('storage per resource, net', net, 2200, 'B'),
    atMost('storage per ledger entry', entries, 600, 'B'),
  ];
  return { figures, bars };
}

/** Loads generated patients, and the Synthea ones where they are, each into an instance of its own; then weighs it. */
export async function load(bench: Bench): Promise<Row[]> {
  const own = await runOne(bench, generated(bench.options.tiny));
  if (!bench.options.tiny && existsSync(synthea)) return [...own, ...(await runOne(bench, realistic()))];
  const skipped = bench.options.tiny ? 'too much for --tiny' : 'the Synthea patients are not on this machine';
  const row: Row = {
    name: 'load-synthea',
    text: '120 Synthea patients',
    unit: 'resources',
    figures: [],
    bars: [],
    skipped,
  };
  return [...own, row];
}
