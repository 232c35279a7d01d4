import { createRng, syntheticObservation } from '@safeguard/synthetic';
import { type Bench, compare, type Load, prepare, type Stand } from '../bench.ts';
import type { Group } from '../cases.ts';
import { fhirBase } from '../instance/open.ts';
import { atLeast, atMost, type Bar, type Measured, type Row } from '../row.ts';
import { patientTransaction } from './bodies.ts';
import { pages } from './floors.ts';

/** Resources of one patient, itself included: 16,000 patients make 512,000 resources. */
const each = 32;
/** Patients at which the searches are measured; the bars of throughput are held at the last. */
const stages = [1_000, 4_000, 16_000];
const tinyStages = [2, 3];
/** So many patients go into one script of the generator: their bodies stand in memory. */
const batch = 500;
const asked = 2_000;

interface SearchCase {
  readonly name: string;
  readonly text: string;
  load(patients: readonly string[]): Load;
  bars(measured: Measured): Bar[];
}

const get = (path: string) => ({ method: 'GET', path: `${fhirBase}/${path}`, expected: 200, units: 1 }) as const;

/** A code that the generator gives observations, as `system|code`. */
function codeOf(rng: ReturnType<typeof createRng>): string {
  const { code } = syntheticObservation(rng, 'Patient/1') as { code?: { coding?: { system: string; code: string }[] } };
  const [coding] = code?.coding ?? [];
  if (coding === undefined) throw new Error('an observation of the generator has no code');
  return `${coding.system}|${coding.code}`;
}

const byPatientAndCode: SearchCase = {
  name: 'search',
  text: 'Observation by patient and code, page of 20; floor: one SELECT of 20 rows of 1 KB',
  load: (patients) => {
    const rng = createRng('search');
    const asks = Array.from({ length: asked }, () => {
      const code = encodeURIComponent(codeOf(rng));
      return get(`Observation?patient=${rng.pick(patients)}&code=${code}&_count=20`);
    });
    return { script: { name: 'random', asks } };
  },
  bars: ({ units_per_s, latency_ms }) => [
    atLeast('search Observation by patient and code', units_per_s, 800, 'req/s'),
    atMost('search Observation by patient and code, p99', latency_ms.p99, 50, 'ms'),
  ],
};

const prefixes = ['ma', 'sa', 'jo', 'an', 'al', 'mar', 'car', 'lu', 'el', 'da', 'ro', 'ch', 'be', 'pe', 'mi', 'le'];

const byName: SearchCase = {
  name: 'search-name',
  text: 'Patient by prefix of a name, page of 20; floor: the same',
  load: () => ({ script: { name: 'random', asks: prefixes.map((prefix) => get(`Patient?name=${prefix}&_count=20`)) } }),
  bars: ({ units_per_s }) => [atLeast('search Patient by name', units_per_s, 600, 'req/s')],
};

const cases = [byPatientAndCode, byName];

async function grow(bench: Bench, stand: Stand, from: number, to: number, patients: string[]): Promise<void> {
  for (let start = from; start < to; start += batch) {
    const end = Math.min(start + batch, to);
    bench.say(`search: loading, ${end} of ${to} patients`);
    const rng = createRng(`search ${start}`);
    const asks = Array.from({ length: end - start }, () => patientTransaction(rng, each));
    const { created } = await prepare(stand, { name: 'in turn', asks, rounds: 1 }, 4);
    patients.push(...created);
  }
}

/** The searches while an instance grows: median latencies at each stage, throughput beside the floor at the last. */
export const search: Group = {
  names: cases.map(({ name }) => name),
  run: (bench, wanted) =>
    bench.on('search', async (stand) => {
      const chosen = cases.filter(({ name }) => wanted.includes(name));
      const patients: string[] = [];
      const medians = new Map<string, number[]>(chosen.map(({ name }) => [name, []]));
      const rows = new Map<string, Row>();
      const sizes = bench.options.tiny ? tinyStages : stages;
      for (const [index, size] of sizes.entries()) {
        await grow(bench, stand, sizes[index - 1] ?? 0, size, patients);
        for (const one of chosen) {
          const { measured, floor, ratio } = await compare(bench, stand, `${one.name} at ${size}`, one.load(patients), {
            script: pages(stand.floor),
          });
          medians.get(one.name)?.push(measured.latency_ms.p50);
          rows.set(one.name, rowOf(one, { measured, floor, ratio }, medians.get(one.name) ?? [], sizes));
        }
      }
      stand.rows.push(...rows.values());
    }),
};

function rowOf(
  { name, text, bars }: SearchCase,
  compared: Awaited<ReturnType<typeof compare>>,
  medians: readonly number[],
  sizes: readonly number[],
): Row {
  const growth = (medians.at(-1) ?? 0) / (medians[0] ?? 1);
  const figures = medians.map((value, at) => ({ what: `median at ${sizes[at]} patients`, value, unit: 'ms' }));
  const grown = atMost(`${name}: growth of the median, first to last stage`, growth, 1.5, '×');
  return { name, text, unit: 'requests', ...compared, figures, bars: [...bars(compared.measured), grown] };
}
