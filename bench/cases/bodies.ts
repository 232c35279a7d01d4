import { createRng, type Resource, type Rng, syntheticObservation, syntheticPatient } from '@safeguard/synthetic';
import type { Ask } from '../generator/plan.ts';
import { fhirBase } from '../instance/open.ts';

const words =
  'Taken at rest, seated, after five minutes, left arm, cuff size adult; repeated once because of movement.';

/** An Observation of about 1 KB: the generator's own has 0.65. */
export function observation(rng: Rng, subject: string): Resource {
  return {
    ...syntheticObservation(rng, subject),
    identifier: [{ system: 'https://example.org/observations', value: rng.digits(18) }],
    note: [{ text: `${words} Reading ${rng.digits(4)}.` }],
  };
}

export const urn = (rng: Rng): string => `urn:uuid:${rng.uuid()}`;

const entryOf = (rng: Rng, resource: Resource, fullUrl: string = urn(rng)) => ({
  fullUrl,
  resource,
  request: { method: 'POST', url: resource.resourceType },
});

/** Posts a transaction to the base. */
export const transactionAsk = (entry: readonly object[]): Ask => ({
  method: 'POST',
  path: fhirBase,
  body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
  expected: 200,
  units: entry.length,
});

/** A transaction that creates one patient and `size - 1` observations of it. */
export function patientTransaction(rng: Rng, size: number): Ask {
  const patient = urn(rng);
  const observations = Array.from({ length: size - 1 }, () => entryOf(rng, observation(rng, patient)));
  return transactionAsk([entryOf(rng, syntheticPatient(rng), patient), ...observations]);
}

/** Transactions that create `count` patients, `each` in one. */
export function patientsOnly(seed: string, count: number, each: number): Ask[] {
  const rng = createRng(seed);
  return Array.from({ length: Math.ceil(count / each) }, (_, at) =>
    transactionAsk(
      Array.from({ length: Math.min(each, count - at * each) }, () => entryOf(rng, syntheticPatient(rng))),
    ),
  );
}
