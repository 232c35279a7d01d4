import { setTimeout as sleep } from 'node:timers/promises';
import { createRng } from '@safeguard/synthetic';
import { type Bench, compare } from '../bench.ts';
import type { Ask } from '../generator/plan.ts';
import { rssOf } from '../generator/processes.ts';
import { fhirBase } from '../instance/open.ts';
import type { Row } from '../row.ts';
import { observation, patientTransaction } from './bodies.ts';
import { loadPatients } from './clinic.ts';
import { mixed } from './floors.ts';

/** Of ten requests seven reads, two creates; every hundredth is a transaction of 100. */
function day(patients: readonly string[], size: number): Ask[] {
  const rng = createRng('rss');
  const get = (): Ask => ({ method: 'GET', path: `${fhirBase}/${rng.pick(patients)}`, expected: 200, units: 1 });
  const post = (): Ask => {
    const body = JSON.stringify(observation(rng, rng.pick(patients)));
    return { method: 'POST', path: `${fhirBase}/Observation`, body, expected: 201, units: 1 };
  };
  const bundle = (): Ask => ({ ...patientTransaction(rng, size), units: 1 });
  const kinds = [get, get, get, get, get, get, get, post, post];
  return Array.from({ length: 1000 }, (_, at) => (at % 100 === 99 ? bundle() : rng.pick(kinds)()));
}

const megabytes = (bytes: number): number => bytes / 1e6;

/** Memory of the server's process under a mixed load. */
export async function rss(bench: Bench): Promise<Row[]> {
  const { tiny } = bench.options;
  return bench.on('rss', async (stand) => {
    const { server } = stand.instance.watch;
    const idle = rssOf(server);
    const patients = await loadPatients(stand, tiny ? 20 : 1000);
    const asks = day(patients, tiny ? 10 : 100);
    const load = { script: { name: 'random', asks } } as const;
    const compared = await compare(bench, stand, 'rss', load, { script: mixed(stand.floor) });
    await sleep(tiny ? 0 : 5000);
    const figures = [
      { what: 'RSS at first', value: megabytes(idle), unit: 'MB' },
      { what: 'RSS under load, most', value: megabytes(compared.measured.rss_peak_bytes), unit: 'MB' },
      { what: 'RSS 5 s after the load', value: megabytes(rssOf(server)), unit: 'MB' },
    ];
    const text = 'a mixed load: 70 % reads, 29 % creates and reads, 1 % transactions of 100';
    stand.rows.push({ name: 'rss', text, unit: 'requests', ...compared, figures, bars: [] });
  });
}
