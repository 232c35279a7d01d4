import { type Bench, compare, type Load, measureFloor, prepare, type Stand } from '../bench.ts';
import type { Group } from '../cases.ts';
import type { Figure, Row } from '../row.ts';
import { patientsOnly } from './bodies.ts';
import { create } from './create.ts';
import { crud } from './crud.ts';
import { read } from './read.ts';
import { update } from './update.ts';

/** A case on an instance that holds patients. */
export interface ClinicCase {
  readonly name: string;
  readonly text: string;
  /** `patients`: `Patient/<id>` each. */
  load(patients: readonly string[]): Load;
  floor(stand: Stand): Load;
  /** A floor that says more than the one of the issue. */
  other?(stand: Stand): { readonly what: string; readonly load: Load };
  bars(measured: NonNullable<Row['measured']>, ratio: number): Row['bars'];
}

const cases: readonly ClinicCase[] = [read, create, update, crud];

/** `Patient/<id>` of those that were loaded. */
export async function loadPatients(stand: Stand, count: number): Promise<readonly string[]> {
  const asks = patientsOnly('clinic', count, Math.min(count, 100));
  const { created } = await prepare(stand, { name: 'in turn', asks, rounds: 1 }, 4);
  if (created.length !== count) throw new Error(`${created.length} of ${count} patients were loaded`);
  return created;
}

async function beside(
  bench: Bench,
  stand: Stand,
  name: string,
  { what, load }: { readonly what: string; readonly load: Load },
  reached: number,
): Promise<Figure[]> {
  const { units_per_s, errors } = await measureFloor(bench, stand, name, load);
  if (errors > 0) throw new Error(`the floor of ${name} answered with errors`);
  return [
    { what, value: units_per_s, unit: 'req/s' },
    { what: 'share of it', value: reached / units_per_s, unit: '' },
  ];
}

async function runOne(bench: Bench, stand: Stand, one: ClinicCase, patients: readonly string[]): Promise<Row> {
  const { name, text } = one;
  const { measured, floor, ratio } = await compare(bench, stand, name, one.load(patients), one.floor(stand));
  const figures =
    one.other === undefined ? [] : await beside(bench, stand, name, one.other(stand), measured.units_per_s);
  return { name, text, unit: 'requests', measured, floor, ratio, figures, bars: one.bars(measured, ratio) };
}

/** `read`, `create`, `update` and `crud` on one instance with 1,000 patients. */
export const clinic: Group = {
  names: cases.map(({ name }) => name),
  run: async (bench, wanted) => {
    return bench.on('clinic', async (stand) => {
      const patients = await loadPatients(stand, bench.options.tiny ? 20 : 1000);
      for (const one of cases) {
        if (wanted.includes(one.name)) stand.rows.push(await runOne(bench, stand, one, patients));
      }
    });
  },
};
