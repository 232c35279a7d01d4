import type { Principal } from '@safeguard/http';
import fc from 'fast-check';
import { createAccess, type JudgeParameter } from '../index.ts';

export const types: ReadonlySet<string> = new Set(['Patient', 'Observation', 'Condition', 'Group', 'Binary']);

/** A few parameters, as `records` would answer for them. A value `bad` is of a wrong form. */
const parametersByType: Readonly<Record<string, readonly string[]>> = {
  Patient: ['gender', 'birthdate'],
  Observation: ['category', 'code', 'date'],
  Condition: ['category', 'code'],
};
export const parameters: JudgeParameter = (type, name, value) => {
  const known = ['_tag', '_security', ...(parametersByType[type] ?? [])];
  if (!known.includes(name)) return 'unknown';
  return value === 'bad' ? 'refused' : 'served';
};

export const access = createAccess({ types, parameters, policies: 'off' });

export const client = (scopes: readonly string[], more: Partial<Principal> = {}): Principal => ({
  tenant: 1,
  kind: 'client',
  id: '6f1c1b1e-3f64-4b6e-9d3e-0f7a5f6f8a11',
  scopes: Object.freeze([...scopes]),
  view: 'full',
  ...more,
});

export const sure = { level: 2, at: 0, methods: ['pwd', 'otp'] } as const;

export const user = (scopes: readonly string[], more: Partial<Principal> = {}): Principal =>
  client(scopes, { kind: 'user', assurance: sure, ...more });

/** Spelled out by hand from the table of SMART App Launch 2.2, not taken from the package. */
export const lettersByAction: Readonly<Record<string, string>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  'history-instance': 'r',
  update: 'u',
  patch: 'u',
  delete: 'd',
  'search-type': 's',
  'history-type': 's',
};

const typeNames = fc.constantFrom('Patient', 'Observation', 'Condition', 'Group', 'Binary', 'Foo', 'patient', '*', '');
const cruds = fc.subarray(['c', 'r', 'u', 'd', 's']).map((chosen) => chosen.join(''));
const spelled = fc.oneof(cruds, fc.constantFrom('read', 'write', '*', 'sr', 'rr', 'x', 'RS'));
const levels = fc.constantFrom('system/', 'system/', 'user/', 'user/', 'patient/', 'patient/', 'System/', '');
const queries = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('?category=a', '?category=b,a', '?_tag=x', '?category=a&_tag=x', '?code=1&category=a'),
  },
  fc.constantFrom('?', '?category', '?category=bad', '?colour=red', '?category:not=a', '?a.b=c', '?_sort=date'),
);

export const anyScope = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(levels, typeNames, spelled, queries)
      .map(([level, type, word, query]) => `${level}${type}.${word}${query}`),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 1, arbitrary: fc.constantFrom('safeguard/accounts', 'safeguard/clients', 'openid', 'launch/patient') },
);

const goodQueries: Readonly<Record<string, readonly string[]>> = {
  '*': ['', '', '?_tag=x', '?_tag=x,y', '?_tag=x&_tag=y', '?_security=N'],
  Patient: ['', '', '?gender=female', '?_tag=x', '?gender=female&_tag=x'],
  Observation: ['', '', '?category=a', '?category=b', '?category=a,b', '?category=a&_tag=x', '?code=1', '?_tag=y'],
  Condition: ['', '', '?category=a', '?_security=N'],
};

const goodOf = (all: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...all),
      fc.constantFrom('Patient', 'Observation', 'Condition', '*'),
      cruds.filter((word) => word !== ''),
      fc.nat(100),
    )
    .map(([level, type, word, pick]) => {
      const of = goodQueries[type] ?? [''];
      return `${level}/${type}.${word}${of[pick % of.length]}`;
    });

export const goodScope = goodOf(['system', 'user', 'patient']);

const [mine, other] = ['4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de', '9a1f4f0e-57f5-4b6a-8b0a-0d1a2b3c4d5e'];
export const patients = { mine, other, third: '0b54ab1a-1f0e-4c8e-a2a0-6a2b6c7d8e9f' } as const;

const withins = fc.constantFrom(undefined, undefined, [], [mine], [mine, other], [other]);

/** Principals of every sort, with the scopes that are given. */
export const anyPrincipal = (scopes: readonly string[]): fc.Arbitrary<Principal> =>
  fc
    .record({
      kind: fc.constantFrom('client', 'client', 'user', 'user', 'user', 'operator', 'anonymous'),
      tenant: fc.constantFrom(1, 1, 1, 1, 0),
      patient: fc.constantFrom(undefined, undefined, mine, other),
      within: withins,
      level: fc.constantFrom(2, 2, 2, 2, 1, undefined),
    })
    .map(({ kind, tenant, patient, within, level }) => ({
      ...client(scopes),
      kind: kind as Principal['kind'],
      tenant,
      ...(patient === undefined ? {} : { patient }),
      ...(within === undefined || kind === 'client' ? {} : { within }),
      ...(level === undefined ? {} : { assurance: { level: level as 1 | 2, at: 0, methods: [] } }),
    }));

export const anyAction = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(lettersByAction)) },
  fc.constantFrom('search-system', 'history-system', 'transaction', 'batch', 'client-create', 'ledger-verify'),
  fc.constantFrom('READ', 'read ', '__proto__', 'constructor', 'toString', '', 'none'),
  fc.string({ maxLength: 12 }),
);

export const anyType = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Patient', 'Observation', 'Condition') },
  fc.constantFrom(
    ...['Patient', 'Observation', 'Condition', 'Group', 'Binary', '*', 'Client', 'Ledger', 'Foo', '__proto__'],
  ),
  fc.constant(undefined),
  fc.string({ maxLength: 8 }),
);
