import { createRng } from '@safeguard/synthetic';

/** A resource as JSON, as the tests handle it. */
// biome-ignore lint/suspicious/noExplicitAny: random resources of every shape
export type Any = any;

type Rng = ReturnType<typeof createRng>;

/** Small pools, so that values meet. */
export const pools = {
  families: ['Müller', 'Mueller', 'Smith', 'SMITHERS', "O'Brien", 'García', 'Nuñez', 'van der Berg', 'Ng'],
  given: ['Anna', 'ANA', 'Ánna', 'Bo', 'Chloë', 'Jean-Luc', 'José'],
  cities: ['Zürich', 'Zurich West', 'Boston', 'St. Ives', 'São Paulo'],
  mrn: ['http://hospital.example/mrn', 'http://clinic.example/id'],
  numbers: ['1', '12', '123', 'A-1', 'a-1', 'x|y', 'c,d'],
  loinc: ['8867-4', '8480-6', '8462-4', '29463-7', '718-7'],
  display: ['Heart rate', 'Systolic', 'Diastolic', 'Weight', 'Hemoglobin'],
  snomed: ['44054006', '38341003', '195967001'],
  days: ['2019', '2020', '2020-02', '2020-02-29', '2020-03-01', '2021-12-31', '2022-01-01'],
  instants: ['2020-02-29T23:30:00-05:00', '2020-03-01T04:30:00Z', '2021-12-31T12:00:00.500Z', '2020-03-01T00:00:00Z'],
  units: ['mg', 'g', 'kg'],
  amounts: ['1', '1.0', '1.00', '2', '2.5', '10', '100', '1000', '0.5'],
  probabilities: ['0.1', '0.10', '0.15', '0.5', '0.9'],
  tags: ['red', 'green'],
  profiles: ['http://example.org/p/a', 'http://example.org/p/a/b'],
  words: ['Alpha', 'beta gamma', 'Gamma', 'élan'],
} as const;

const some = <T>(rng: Rng, chance: number, make: () => T): T | undefined => (rng.chance(chance) ? make() : undefined);
const code = (rng: Rng, system: string, codes: readonly string[], texts: readonly string[] = []): Any => {
  const at = rng.int(0, codes.length - 1);
  const coding = [{ system, code: codes[at], ...(texts[at] ? { display: texts[at] } : {}) }];
  const other = rng.chance(0.2) ? [{ code: rng.pick(codes) }] : [];
  return rng.chance(0.05) ? { text: 'only text' } : { coding: [...coding, ...other], text: rng.pick(pools.words) };
};
const loinc = (rng: Rng): Any => code(rng, 'http://loinc.org', pools.loinc, pools.display);
const snomed = (rng: Rng): Any => code(rng, 'http://snomed.info/sct', pools.snomed);
const identifier = (rng: Rng): Any => ({
  ...(rng.chance(0.8) ? { system: rng.pick(pools.mrn) } : {}),
  value: rng.pick(pools.numbers),
  ...(rng.chance(0.3) ? { type: { coding: [{ system: 'http://terminology.example/v2-0203', code: 'MR' }] } } : {}),
});
const meta = (rng: Rng): Any =>
  some(rng, 0.3, () => ({
    tag: [{ system: 'http://example.org/tags', code: rng.pick(pools.tags) }],
    profile: [rng.pick(pools.profiles)],
    source: 'http://example.org/source',
  }));
const name = (rng: Rng): Any => ({
  family: rng.pick(pools.families),
  given: [rng.pick(pools.given), ...(rng.chance(0.3) ? [rng.pick(pools.given)] : [])],
});
const moment = (rng: Rng): string => rng.pick([...pools.days, ...pools.instants]);
const period = (rng: Rng): Any => {
  const [a = '', b = ''] = [rng.pick(pools.instants), rng.pick(pools.instants)].sort(
    (x, y) => Date.parse(x) - Date.parse(y),
  );
  const [starts, ends] = rng.pick([
    [true, true],
    [true, true],
    [true, false],
    [false, true],
  ]);
  return { ...(starts ? { start: a } : {}), ...(ends ? { end: b } : {}) };
};
const quantity = (rng: Rng): Any => {
  const unit = rng.pick(pools.units);
  return {
    value: Number(rng.pick(pools.amounts)),
    unit,
    ...(rng.chance(0.85) ? { system: 'http://unitsofmeasure.org', code: unit } : {}),
  };
};

type Refer = (type: string) => Any;

const makers: Record<string, (rng: Rng, refer: Refer) => Any> = {
  Organization: (rng) => ({ name: rng.pick(pools.words), identifier: [identifier(rng)] }),
  Practitioner: (rng) => ({ name: [name(rng)], identifier: [identifier(rng)] }),
  Patient: (rng, refer) => ({
    active: some(rng, 0.5, () => rng.chance(0.5)),
    identifier: some(rng, 0.9, () => [identifier(rng), ...(rng.chance(0.2) ? [identifier(rng)] : [])]),
    name: some(rng, 0.9, () => [name(rng)]),
    gender: some(rng, 0.9, () => rng.pick(['male', 'female', 'other'])),
    birthDate: some(rng, 0.9, () => rng.pick(['1970', '1980-05', '1980-05-17', '1999-12-31', '2000-01-01'])),
    telecom: some(rng, 0.6, () => [{ system: rng.pick(['phone', 'email']), value: rng.pick(pools.numbers) }]),
    address: some(rng, 0.6, () => [{ city: rng.pick(pools.cities), country: 'CH' }]),
    generalPractitioner: some(rng, 0.5, () => [refer(rng.pick(['Practitioner', 'Organization']))]),
    managingOrganization: some(rng, 0.5, () => refer('Organization')),
  }),
  Encounter: (rng, refer) => ({
    status: rng.pick(['planned', 'finished', 'in-progress']),
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: rng.pick(['AMB', 'IMP']) },
    subject: refer('Patient'),
    period: some(rng, 0.8, () => period(rng)),
    serviceProvider: some(rng, 0.5, () => refer('Organization')),
  }),
  Condition: (rng, refer) => ({
    subject: refer('Patient'),
    code: some(rng, 0.9, () => snomed(rng)),
    encounter: some(rng, 0.5, () => refer('Encounter')),
    onsetDateTime: some(rng, 0.6, () => moment(rng)),
    recordedDate: some(rng, 0.6, () => moment(rng)),
  }),
  Observation: (rng, refer) => ({
    status: rng.pick(['final', 'amended', 'preliminary']),
    code: loinc(rng),
    category: some(rng, 0.5, () => [code(rng, 'http://example.org/category', ['vital-signs', 'laboratory'])]),
    subject: some(rng, 0.9, () => refer('Patient')),
    encounter: some(rng, 0.5, () => refer('Encounter')),
    performer: some(rng, 0.5, () => [refer('Practitioner'), ...(rng.chance(0.3) ? [refer('Organization')] : [])]),
    ...(rng.chance(0.8)
      ? rng.chance(0.8)
        ? { effectiveDateTime: moment(rng) }
        : { effectivePeriod: period(rng) }
      : {}),
    // obs-7: what a component says, the observation itself does not.
    ...rng.pick<Any>([
      { valueQuantity: quantity(rng) },
      { valueQuantity: quantity(rng) },
      { valueString: rng.pick(pools.words) },
      { valueCodeableConcept: snomed(rng) },
      { component: [1, 2].map(() => ({ code: loinc(rng), valueQuantity: quantity(rng) })) },
      {},
    ]),
  }),
  RiskAssessment: (rng, refer) => ({
    status: 'final',
    subject: refer('Patient'),
    prediction: some(rng, 0.9, () => [{ probabilityDecimal: Number(rng.pick(pools.probabilities)) }]),
  }),
};

/** Types, and how many of each per hundred. */
const shares: readonly [string, number][] = [
  ['Organization', 5],
  ['Practitioner', 7],
  ['Patient', 18],
  ['Encounter', 15],
  ['Condition', 15],
  ['Observation', 35],
  ['RiskAssessment', 5],
];

export const types: readonly string[] = shares.map(([type]) => type);

const without = (resource: Any): Any => JSON.parse(JSON.stringify(resource));

/** A transaction of random resources that refer to one another. The same seed gives the same bytes. */
export function randomWorld(seed: string, size: number): Any {
  const rng = createRng(seed);
  const urls = new Map<string, string[]>(types.map((type) => [type, []]));
  const entry: Any[] = [];
  for (const [type, share] of shares) {
    for (let n = 0; n < Math.max(2, Math.round((size * share) / 100)); n += 1) {
      const fullUrl = `urn:uuid:${rng.uuid()}`;
      const refer: Refer = (target) => ({ reference: rng.pick(urls.get(target) ?? []) });
      const resource = without({ resourceType: type, meta: meta(rng), ...makers[type]?.(rng, refer) });
      urls.get(type)?.push(fullUrl);
      entry.push({ fullUrl, resource, request: { method: 'POST', url: type } });
    }
  }
  return { resourceType: 'Bundle', type: 'transaction', entry };
}
