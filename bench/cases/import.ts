import { syntheticPatients } from '@safeguard/synthetic';
import { type Bench, compare, prepare } from '../bench.ts';
import type { Row } from '../row.ts';
import { transactionAsk } from './bodies.ts';
import { bundles } from './floors.ts';

/** Whole patients, a transaction each, over and over (HealthSamurai's k6/import.js). */
export async function imports(bench: Bench): Promise<Row[]> {
  const { tiny } = bench.options;
  return bench.on('import', async (stand) => {
    const made = syntheticPatients({ seed: 'import', count: tiny ? 2 : 40, years: tiny ? 1 : 6 });
    const [facilities, ...patients] = Array.from(made, ({ entry }) => transactionAsk(entry));
    if (facilities === undefined) throw new Error('the generator made no facilities');
    await prepare(stand, { name: 'in turn', asks: [facilities], rounds: 1 }, 1);
    const compared = await compare(
      bench,
      stand,
      'import',
      { script: { name: 'in turn', asks: patients } },
      {
        script: bundles(patients),
      },
    );
    const text = 'transactions of a generated patient each (HealthSamurai); floor: one INSERT of as many rows';
    stand.rows.push({ name: 'import', text, unit: 'resources', ...compared, figures: [], bars: [] });
  });
}
