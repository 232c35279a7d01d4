import { createRng, syntheticPatient } from '@safeguard/synthetic';
import { type Bench, sendOnce } from '../bench.ts';
import { atMost, type Row } from '../row.ts';
import { observation, transactionAsk, urn } from './bodies.ts';

const entries = 25_000;
/** Brings the bundle to 60 MB. */
const filler_length = 1_450;

/** One transaction of 25,000 entries: accepted whole, within bounds of time and memory. */
export async function large(bench: Bench): Promise<Row[]> {
  return bench.on('large', async (stand) => {
    const size = bench.options.tiny ? 50 : entries;
    const rng = createRng('large');
    const patient = urn(rng);
    const entry = Array.from({ length: size }, (_, at) => {
      const resource =
        at === 0
          ? syntheticPatient(rng)
          : {
              ...observation(rng, patient),
              note: [{ text: `${rng.digits(20)} ${'word '.repeat(filler_length / 5)}` }],
            };
      const fullUrl = at === 0 ? patient : urn(rng);
      return { fullUrl, resource, request: { method: 'POST', url: resource.resourceType } };
    });
    const ask = transactionAsk(entry);
    const { created: _, ...measured } = await sendOnce(stand, { name: 'in turn', asks: [ask], rounds: 1 }, 1);
    const megabytes = Buffer.byteLength(ask.body ?? '') / 1e6;
    stand.rows.push({
      name: 'large',
      text: 'a patient and its observations as one transaction of 25,000 entries',
      unit: 'resources',
      measured,
      figures: [{ what: 'size of the bundle', value: megabytes, unit: 'MB' }],
      bars: [
        atMost('large bundle: entries refused', measured.errors, 0, ''),
        atMost('large bundle: time', measured.seconds, 60, 's'),
        atMost('large bundle: most RSS', measured.rss_peak_bytes / 1e6, 1000, 'MB'),
      ],
    });
  });
}
