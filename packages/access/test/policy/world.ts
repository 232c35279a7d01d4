import type { Principal, View } from '@safeguard/http';
import fc from 'fast-check';
import type { ConsentEffect, ConsentPart } from '../../consent/types.ts';
import { createAccess, type Holding, type JudgeParameter, type RowFacts } from '../../index.ts';
import type { Policy, Rule, Where } from '../../policy/types.ts';
import type { StandingFacts } from '../../standing/types.ts';

/** A small world in which random policies, people and rows meet often. */
export const types = ['Patient', 'Observation', 'Condition', 'Organization', 'Group'] as const;
export const actions = ['create', 'read', 'update', 'delete', 'search-type'] as const;
export const sharedType = 'Organization';
export const patients = ['p1', 'p2', 'p3', 'p4'] as const;
/** Managing organization of each patient. */
export const organizationOf: Readonly<Record<string, string>> = { p1: 'o1', p2: 'o2', p3: 'o1' };
export const labels = ['s|HIV', 's|SUD', 's|SEX', 's|N'] as const;

export const parametersOf: Readonly<Record<string, readonly string[]>> = {
  Patient: ['_security'],
  Observation: ['_security', 'category', 'code'],
  Condition: ['_security', 'category'],
  Organization: ['_security'],
  Group: ['_security'],
};
const chained = 'subject:Patient.active';
const parameters: JudgeParameter = (type, name, value) => {
  if (type !== '*' && !parametersOf[type]?.includes(name)) return 'unknown';
  if (type === '*' && name !== '_security') return 'unknown';
  return value.includes('bad') ? 'refused' : 'served';
};

export const vocabulary = { types: new Set<string>(types), parameters };
export const access = createAccess({ ...vocabulary, policies: 'on' });

/** A row as plain data. */
export interface Thing {
  readonly type: string;
  readonly id: string;
  readonly patients: readonly string[];
  readonly labels: readonly string[];
  /** Values by parameter. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** What a thing answers to queries, read by hand. */
export function factsOf(thing: Thing): RowFacts {
  const valuesOf = (name: string): readonly string[] =>
    name === '_security' ? thing.labels : (thing.values[name] ?? []);
  return {
    ...thing,
    fulfils: (query) =>
      query.split('&').every((pair) => {
        const [name = '', any = ''] = pair.split('=').map(decodeURIComponent);
        return any.split(',').some((value) => valuesOf(name).includes(value));
      }),
    patientFulfils: (query) => {
      const [, any = ''] = query.split('=').map(decodeURIComponent);
      return thing.patients.some((one) => any.split(',').includes(`Organization/${organizationOf[one]}`));
    },
  };
}

const some = <T>(list: readonly T[], maxLength = 3): fc.Arbitrary<T[]> =>
  fc.subarray([...list], { minLength: 1, maxLength: Math.min(maxLength, list.length) });
/** There in so many of a hundred cases. */
const maybe = <T>(one: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: percent, arbitrary: one }, { weight: 100 - percent, arbitrary: fc.constant(null) });

/** Without what is null: absent, as the types say. */
export const present = <T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], null> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as never;

export const thing: fc.Arbitrary<Thing> = fc.record({
  type: fc.constantFrom(...types),
  id: fc.constantFrom('i1', 'i2', 'p1'),
  patients: fc.oneof({ weight: 4, arbitrary: some(patients, 2) }, { weight: 1, arbitrary: fc.constant([]) }),
  labels: fc.oneof(fc.constant([]), some(labels, 2)),
  values: fc.record({
    category: fc.subarray(['a', 'b']),
    code: fc.subarray(['1', '2']),
    [chained]: fc.subarray(['true']),
  }),
});

const plainQueries = ['category=a', 'category=a,b', 'code=1', 'category=b&code=1,2'];
const purposes = ['TREAT', 'HPAYMT', 'HRESCH'];
export const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe'];
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const times = fc
  .tuple(fc.nat(23), fc.constantFrom('00', '15', '59'))
  .map(([h, m]) => `${`${h}`.padStart(2, '0')}:${m}`);
const hours = fc
  .record({ zone: fc.constantFrom(...zones), days: maybe(some(days, 5), 50), from: times, to: times })
  .map((one) => present(one) as NonNullable<Where['hours']>);

type Compartment = NonNullable<Where['compartment']>;
const compartments: readonly Compartment[] = ['organization', 'own', 'care-team', 'granted'];

const where = (isForbid: boolean): fc.Arbitrary<Where> =>
  fc
    .record({
      compartment: maybe(fc.constantFrom<Compartment[]>(...(isForbid ? compartments.slice(1) : compartments)), 45),
      query: maybe(fc.constantFrom(...plainQueries, ...(isForbid ? [] : [`${chained}=true`])), 25),
      labels: maybe(
        fc.record({ any: maybe(some(labels, 2), 50), none: maybe(some(labels, 1), 50) }).map(present),
        isForbid ? 40 : 15,
      ),
      purposes: maybe(some(purposes, 2), 20),
      networks: maybe(some(['10.0.0.0/8', '192.168.7.0/24', '2001:db8::/32', '10.1.2.3'], 2), 15),
      hours: maybe(hours, 15),
      fresh_s: maybe(fc.constantFrom(60, 300), 10),
      test: maybe(fc.constant(true as const), 8),
    })
    .map((one) => present(one) as unknown as Where);

const who = fc
  .record({
    roles: maybe(some(['ra', 'rb', 'rc'], 2), 80),
    groups: maybe(some(['g1', 'g2'], 1), 15),
    users: maybe(some(['u1', 'u2'], 1), 15),
    clients: maybe(some(['c1', 'c2'], 1), 15),
    everyone: maybe(fc.constant(true as const), 10),
  })
  .map(present)
  .filter((one) => Object.keys(one).length > 0) as fc.Arbitrary<Rule['who']>;

export const views: readonly View[] = ['deidentified', 'limited', 'without-identity', 'full'];

const rule = (order: number): fc.Arbitrary<Rule> =>
  fc.constantFrom('permit', 'permit', 'permit', 'permit', 'forbid').chain((effect) =>
    fc
      .record({
        id: fc.constant(`rule-${order}`),
        reason: fc.constant('Because.'),
        effect: fc.constant(effect),
        who,
        interactions: some(['create', 'read', 'update', 'delete', 'search'], effect === 'forbid' ? 3 : 5),
        types: fc.oneof(
          fc.constant(['*']),
          fc.constant(['*']),
          some([...types, 'category:results', 'category:problems'], 4),
        ),
        where: maybe(where(effect === 'forbid'), effect === 'forbid' ? 95 : 75),
        view: effect === 'permit' ? maybe(fc.constantFrom(...views), 40) : fc.constant(null),
        opens: effect === 'permit' ? maybe(some(['hiv', 'sud', 'sex'], 3), 40) : fc.constant(null),
      })
      .map((one) => present(one) as unknown as Rule),
  );

const cells = fc.oneof({ weight: 3, arbitrary: fc.constant('cruds') }, fc.constantFrom('', 'rs', 'cu', 'r'));
const row = fc.record({ demographics: cells, results: cells, problems: cells, directory: cells });

const role = {
  title: '',
  description: '',
  approvers: [],
  approvals: 1 as const,
  longest_days: 1,
  apart: [],
  purpose: 'TREAT',
};

export const policy: fc.Arbitrary<Policy> = fc
  .record({
    rules: fc
      .integer({ min: 1, max: 9 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => rule(i)))),
    matrix: fc.record({ ra: row, rb: row }),
  })
  .map(({ rules, matrix }) => ({
    format: 1,
    roles: { ra: role, rb: role, rc: role },
    // `Group` is in none.
    categories: {
      demographics: { title: '', types: ['Patient'] },
      results: { title: '', types: ['Observation'] },
      problems: { title: '', types: ['Condition'] },
      directory: { title: '', types: ['Organization'] },
    },
    sensitive: {
      hiv: { title: '', labels: ['s|HIV'] },
      sud: { title: '', labels: ['s|SUD'] },
      sex: { title: '', labels: ['s|SEX', 's|HIV'] },
    },
    matrix: { ...matrix, rc: { demographics: 'cruds', results: 'cruds', problems: 'cruds', directory: 'cruds' } },
    rules,
  }));

/** 2026-11-01 05:30 and 06:30 UTC: the same wall time twice in New York. */
export const moments = [
  ...['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'],
  ...['2026-11-22T12:00:00Z', '2026-11-21T23:59:59Z', '2026-07-06T03:15:00Z'],
].map((text) => Date.parse(text));

const holding = fc
  .record({
    role: fc.constantFrom('ra', 'rb', 'rc'),
    grant: maybe(fc.constantFrom('grant-1', 'grant-2'), 60),
    patients: maybe(fc.subarray([...patients], { maxLength: 3 }), 35),
    opens: maybe(some(['hiv', 'sud', 'sex'], 2), 30),
    kind: fc.constantFrom('standing', 'standing', 'relationship', 'break-glass'),
    until: maybe(fc.constantFrom(...moments, Date.parse('2030-01-01')), 20),
  })
  .map((one) => present(one) as unknown as Holding);

const part = (inner: fc.Arbitrary<ConsentPart[] | null>): fc.Arbitrary<ConsentPart> =>
  fc
    .record({
      types: maybe(some(types, 3), 40),
      queries: maybe(some(['category=a', 'code=1', '_security=s%7CN', 'category=bad'], 2), 40),
      instances: maybe(some(['Observation/i1', 'Condition/i2', 'Patient/p1'], 2), 15),
      letters: maybe(fc.constantFrom('rs', 'crud', 's'), 25),
      except: inner,
    })
    .map((one) => present(one) as ConsentPart);
const nested = fc.array(part(maybe(fc.array(part(fc.constant(null)), { minLength: 1, maxLength: 1 }), 30)), {
  minLength: 1,
  maxLength: 2,
});
const effect: fc.Arbitrary<ConsentEffect> = fc
  .tuple(part(maybe(nested, 40)), some(patients, 3))
  .map(([one, of]) => ({ ...one, patients: of, consent: 'consent-1', consents: of.map((each) => `consent-${each}`) }));

/** What `entitle` would find out. */
export interface Found extends StandingFacts {
  readonly at: number;
  readonly network: string;
  readonly purpose: string;
}
export const found: fc.Arbitrary<Found> = fc.record({
  holdings: fc.array(holding, { minLength: 0, maxLength: 3, size: 'max' }),
  groups: fc.subarray(['g1', 'g2']),
  careTeam: fc.subarray([...patients]),
  organizations: fc.subarray(['o1', 'o2']),
  consents: fc.oneof(fc.constant([]), fc.array(effect, { maxLength: 2 })),
  testTenant: fc.boolean(),
  at: fc.constantFrom(...moments),
  network: fc.constantFrom('10.1.2.3', '::ffff:10.9.9.9', '192.168.8.1', '2001:db8::1', 'fe80::1%eth0', 'nowhere'),
  purpose: fc.constantFrom(...purposes),
});

const userScopes = [
  ...[
    'user/*.cruds',
    'user/*.cruds',
    'user/*.cruds',
    'user/*.cruds',
    'user/*.rs',
    'user/Observation.rs?category=a',
    'user/Condition.cruds',
  ],
  ...['patient/*.cruds', 'patient/Observation.rs', 'patient/Observation.rs?category=b', 'user/*.s?_security=s|N'],
];
const clientScopes = [
  'system/*.cruds',
  'system/*.cruds',
  'system/*.cruds',
  'system/*.rs',
  'system/Observation.rs?category=a',
];

/** A person or a client, before `entitle`. */
export const principal: fc.Arbitrary<Principal> = fc
  .record({
    kind: fc.constantFrom<('user' | 'client')[]>('user', 'user', 'user', 'client'),
    pick: fc.boolean(),
    scopes: fc.array(fc.nat(100), { minLength: 1, maxLength: 2 }),
    isBroad: fc.constantFrom(true, true, false),
    view: fc.constantFrom<View[]>('full', 'full', 'full', 'limited', 'deidentified'),
    patient: maybe(fc.constantFrom(...patients), 40),
    within: maybe(fc.subarray([...patients], { minLength: 0 }), 25),
    permissions: maybe(fc.subarray(['sensitive:hiv', 'sensitive:sex', 'purge']), 50),
    age_s: fc.constantFrom(10, 200, 900),
  })
  .map(({ kind, pick, scopes, isBroad, view, patient, within, permissions, age_s }) => {
    const from = kind === 'user' ? userScopes : clientScopes;
    return {
      tenant: 1,
      kind,
      id: `${kind === 'user' ? 'u' : 'c'}${pick ? 1 : 2}`,
      scopes: Object.freeze([
        ...(isBroad ? from.slice(0, 1) : []),
        ...scopes.map((one) => from[one % from.length] ?? ''),
      ]),
      view,
      ...(patient === null ? {} : { patient }),
      ...(within === null || kind === 'client' ? {} : { within }),
      ...(permissions === null || kind === 'user' ? {} : { permissions }),
      ...(kind === 'user' ? { assurance: { level: 2 as const, at: -age_s, methods: [] } } : {}),
    };
  });

/** `assurance.at` was drawn as an age. */
export const dated = (one: Principal, at: number): Principal =>
  one.assurance ? { ...one, assurance: { ...one.assurance, at: at + one.assurance.at * 1000 } } : one;
