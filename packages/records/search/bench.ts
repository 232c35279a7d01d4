/**
 * Searches in this process on generated data, without HTTP and ledger:
 * `node packages/records/search/bench.ts 1000 4000`.
 * Each argument is a number of patients, with 30 observations each; the world grows from one to the next.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '@safeguard/kernel';
import { newId } from '@safeguard/kernel';
import { ofType, openSearchHouse } from '../test/search-house.ts';

const sizes = process.argv
  .slice(2)
  .filter((one) => !one.includes('='))
  .map(Number);
const house = await openSearchHouse();
const hash = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();
const letters = 'abcdefghijklmnoprstu';
const letter = (text: string): string => letters[hash(text) % letters.length] ?? 'a';

const patientOf = (n: number): JsonObject => ({
  resourceType: 'Patient',
  name: [{ family: `${letter(`1${n}`)}${letter(`2${n}`)}${letter(`3${n}`)}son`, given: [`${letter(`4${n}`)}nn`] }],
  gender: n % 2 === 0 ? 'male' : 'female',
  birthDate: `19${50 + (n % 50)}-0${1 + (n % 9)}-1${n % 9}`,
  identifier: [{ system: 'http://hospital', value: `mrn-${n}` }],
  address: [
    {
      city: `${letter(`5${n}`)}${letter(`6${n}`)}town`,
      line: ['1 Long Street'],
      postalCode: `${10_000 + (n % 9_000)}`,
    },
  ],
});
const observationOf = (patient: string, n: number): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: 'http://category', code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: `code-${n % 30 < 25 ? 1 : n % 97}` }], text: 'A measurement' },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: `20${10 + (n % 15)}-0${1 + (n % 9)}-1${n % 10}T10:00:00Z`,
  valueQuantity: { value: 50 + (n % 90), unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});

const patients: string[] = [];
const batch = 1_000;
async function growTo(count: number): Promise<void> {
  while (patients.length < count) {
    const writes = [];
    while (writes.length < batch && patients.length < count) {
      const id = newId();
      const n = patients.push(id);
      const at = house.clock.at + patients.length * 1_000;
      writes.push({ type: 'Patient', id, expected: 0, at, resource: patientOf(n) });
      for (let k = 0; k < 30; k += 1) {
        const resource = observationOf(id, n * 7 + k);
        writes.push({ type: 'Observation', id: newId(), expected: 0, at, resource });
      }
    }
    await house.write(writes);
  }
  house.clock.at += 3_600_000; // what was counted before is not remembered
  for (const table of ['search', 'ordered', 'resource']) await house.store.sql('clinical', `analyze records.${table}`);
  await house.store.sql('identity', 'analyze records.token');
}

let turn = 0;
const any = (): string => patients[hash(`${turn++}`) % patients.length] ?? '';
const queries: Readonly<Record<string, () => [string, string]>> = {
  'patient + code': () => ['Observation', `patient=${any()}&code=http://loinc.org|code-1&_count=20`],
  'name prefix': () => ['Patient', `name=${letter(`${turn++}`)}${letter(`${turn++}`)}&_count=20`],
  identifier: () => ['Patient', `identifier=http://hospital|mrn-${1 + (hash(`${turn++}`) % patients.length)}`],
  'name + gender': () => ['Patient', `name=${letter(`${turn++}`)}${letter(`${turn++}`)}&gender=male&_count=20`],
  'code, rare': () => ['Observation', `code=code-${60 + (turn++ % 30)}&_count=20`],
  'code, frequent': () => ['Observation', 'code=code-1&_count=20'],
  'date of a month': () => ['Observation', 'date=2015-03&_count=20'],
  'patient, sorted by date': () => ['Observation', `patient=${any()}&_sort=-date&_count=20`],
  'chain, identity': () => [
    'Observation',
    `patient.identifier=mrn-${1 + (hash(`${turn++}`) % patients.length)}&_count=20`,
  ],
  'chain, frequent': () => ['Observation', 'patient.gender=male&code=code-1&_count=20'],
  '_has, rare': () => ['Patient', '_has:Observation:patient:code=code-70&_count=20'],
  'sorted by _lastUpdated': () => ['Observation', '_sort=-_lastUpdated&_count=20'],
  'sorted by date': () => ['Observation', '_sort=date&_count=20'],
  'total, accurate': () => ['Observation', 'code=code-1&_total=accurate&_count=1'],
};

async function measure(make: () => [string, string], connections: number, most_ms: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + most_ms;
  const worker = async (): Promise<void> => {
    do {
      const [type, query] = make();
      const start = performance.now();
      await house.search(ofType(type), query);
      times.push(performance.now() - start);
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return times.sort((a, b) => a - b);
}

const only = process.argv.find((one) => one.startsWith('only='))?.slice(5);
for (const size of sizes) {
  const before = performance.now();
  await growTo(size);
  process.stdout.write(
    `\n${size} patients, ${size * 31} resources (${((performance.now() - before) / 1000).toFixed(0)} s)\n`,
  );
  for (const [name, make] of Object.entries(queries)) {
    if (only !== undefined && !name.includes(only)) continue;
    await measure(make, 16, 300);
    const one = await measure(make, 1, 700);
    const many = await measure(make, 16, 1_500);
    const median = (list: number[]): string => (list[Math.floor(list.length / 2)] ?? 0).toFixed(2);
    const p99 = (many[Math.floor(many.length * 0.99)] ?? 0).toFixed(1);
    process.stdout.write(
      `${name.padEnd(26)} alone ${median(one).padStart(8)} ms   ` +
        `16 at once ${(many.length / 1.5).toFixed(0).padStart(6)}/s  p99 ${p99} ms\n`,
    );
  }
}
await house.close();
process.exit(0);
