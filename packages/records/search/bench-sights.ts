/**
 * What sights cost a search: the same searches by a caller who sees everything and by limited ones, in turns, so that
 * what else the machine does weighs on all alike. `node packages/records/search/bench-sights.ts 1000 4000`: patients,
 * with 30 observations each.
 */
import { createHash } from 'node:crypto';
import type { Sight, Visibility } from '@safeguard/access';
import { type JsonObject, newId } from '@safeguard/kernel';
import { ofType, openSearchHouse } from '../test/search-house.ts';

let visible: (type: string) => Visibility = () => 'all';
const house = await openSearchHouse({ access: { visible: (_principal, type) => visible(type) } });
const hash = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();
const letters = 'abcdefghijklmnoprstu';
const letter = (text: string): string => letters[hash(text) % letters.length] ?? 'a';
const closed = Array.from({ length: 15 }, (_, n) => `http://terminology.hl7.org/CodeSystem/v3-ActCode|CODE${n}`);
const [system = '', code = ''] = closed[0]?.split('|') ?? [];

const organizations = Array.from({ length: 20 }, () => newId());
const patients: string[] = [];
const patientOf = (n: number): JsonObject => ({
  resourceType: 'Patient',
  name: [{ family: `${letter(`1${n}`)}${letter(`2${n}`)}${letter(`3${n}`)}son`, given: [`${letter(`4${n}`)}nn`] }],
  gender: n % 2 === 0 ? 'male' : 'female',
  managingOrganization: { reference: `Organization/${organizations[n % organizations.length]}` },
});
const observationOf = (patient: string, n: number): JsonObject => ({
  resourceType: 'Observation',
  ...(hash(`label ${n} ${patient}`) % 10 === 0 ? { meta: { security: [{ system, code }] } } : {}),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: `code-${n % 30 < 25 ? 1 : n % 97}` }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: `20${10 + (n % 15)}-0${1 + (n % 9)}-1${n % 10}T10:00:00Z`,
  valueQuantity: { value: 50 + (n % 90), unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});

const batch = 1_000;
async function growTo(count: number): Promise<void> {
  while (patients.length < count) {
    const writes = [];
    while (writes.length < batch && patients.length < count) {
      const id = newId();
      const n = patients.push(id);
      const at = house.clock.at + n * 1_000;
      writes.push({ type: 'Patient', id, expected: 0, at, resource: patientOf(n) });
      for (let k = 0; k < 30; k += 1) {
        const resource = observationOf(id, n * 7 + k);
        writes.push({ type: 'Observation', id: newId(), expected: 0, at, resource });
      }
    }
    await house.write(writes);
  }
  house.clock.at += 3_600_000;
  for (const table of ['search', 'ordered', 'resource']) await house.store.sql('clinical', `analyze records.${table}`);
  await house.store.sql('identity', 'analyze records.token');
}

let turn = 0;
/** Of the care team: the first two hundred. */
const some = (): string => patients[hash(`${turn++}`) % 200] ?? '';
const queries: Readonly<Record<string, () => [string, string]>> = {
  'patient + code': () => ['Observation', `patient=${some()}&code=http://loinc.org|code-1&_count=20`],
  'patient, sorted by date': () => ['Observation', `patient=${some()}&_sort=-date&_count=20`],
  'name prefix': () => ['Patient', `name=${letter(`${turn++}`)}${letter(`${turn++}`)}&_count=20`],
  'code, frequent': () => ['Observation', 'code=code-1&_count=20'],
  'sorted by date': () => ['Observation', '_sort=date&_count=20'],
};

const except: Sight = { except: [{ labels: closed }] };
const sights = (): Readonly<Record<string, () => Visibility>> => {
  const team = Object.freeze(patients.slice(0, 200));
  const consents = patients.slice(300, 1_300).map((id) => ({ patients: [id], labels: closed.slice(1, 3) }));
  const bound = [...(except.except ?? []), ...consents];
  return {
    unrestricted: () => 'all',
    labels: () => [except],
    'care team of 200, labels': () => [{ ...except, patients: team }],
    'organization, labels': () => [{ ...except, patientQuery: `organization=Organization/${organizations[0]}` }],
    'chain, labels': () => [{ ...except, query: 'subject:Patient.gender=male' }],
    'care team, 1,000 consents': () => [{ patients: team, except: bound }],
  };
};

const rounds = 250;
async function measure(make: () => [string, string]): Promise<ReadonlyMap<string, number>> {
  const kinds = Object.entries(sights()).filter(([name]) => make()[0] === 'Observation' || !name.startsWith('chain'));
  const times = new Map<string, number[]>(kinds.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const [type, query] = make();
    for (const [name, of] of kinds) {
      // Made once a request, as access does.
      const made = of();
      visible = () => made;
      const start = performance.now();
      await house.search(ofType(type), query);
      if (round >= 50) times.get(name)?.push(performance.now() - start);
    }
  }
  return new Map([...times].map(([name, all]) => [name, all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]));
}

const out = (text: string): boolean => process.stdout.write(text);
for (const size of process.argv.slice(2).map(Number)) {
  await growTo(size);
  out(`\n${size} patients, ${size * 31} resources: median ms, and how many times the unrestricted\n`);
  for (const [query, make] of Object.entries(queries)) {
    const medians = await measure(make);
    const floor = medians.get('unrestricted') ?? 1;
    for (const [name, ms] of medians) {
      out(
        `${query.padEnd(26)} ${name.padEnd(28)} ${ms.toFixed(2).padStart(8)} ${(ms / floor).toFixed(2).padStart(7)}\n`,
      );
    }
  }
}
await house.close();
process.exit(0);
