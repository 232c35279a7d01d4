import { type Command, type Input, shared } from '../command.ts';
import { fill } from '../demo/fill.ts';
import { tour } from '../demo/tour.ts';
import { openSession } from '../fhir/authorize.ts';
import { createProgress, grouped } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

const concurrency = 4;

async function run(input: Input, terminal: Terminal): Promise<number> {
  const count = input.whole('count', 25);
  const session = await openSession(input, concurrency);
  const progress = createProgress(terminal);
  const began = performance.now();
  try {
    const filled = await fill(session, {
      seed: input.text('seed') ?? '1',
      count,
      concurrency,
      onProgress: (patients, resources) =>
        progress.update({
          done: patients,
          total: count,
          text: `${patients} of ${count} patients, ${grouped(resources)} resources`,
        }),
    });
    progress.finish();
    const seconds = (performance.now() - began) / 1000;
    if (filled.already) terminal.err('These patients are there already; another --seed gives others.\n');
    else {
      const made = `${grouped(filled.patients)} synthetic patients, ${grouped(filled.resources)} resources`;
      terminal.out(`${made} in ${seconds.toFixed(1)} s: ${grouped(filled.resources / seconds)} resources/s\n`);
    }
    const place = {
      base: session.endpoint.base,
      ca: session.ca,
      data: input.text('data'),
      tenant: input.text('tenant'),
    };
    terminal.out(`\n${tour({ ...place, patient: filled.patient })}`);
    return 0;
  } finally {
    progress.finish();
    await session.close();
  }
}

export const demo: Command = {
  name: 'demo',
  summary: 'fills the instance with synthetic patients and prints a short guided tour',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'The patients are invented, the same for the same seed, and go through the public API like any others.',
  options: {
    count: { type: 'string', value: 'N', text: 'how many patients (default 25)', between: [1, 100_000] },
    seed: { type: 'string', value: 'TEXT', text: 'which patients (default 1)' },
    tenant: shared.tenant,
    data: shared.data,
  },
  examples: ['safeguard demo', 'safeguard demo --count 200 --seed spring'],
  run,
};
