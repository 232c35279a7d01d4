import type { Principal } from '@safeguard/http';
import fc from 'fast-check';

export const types: ReadonlySet<string> = new Set(['Patient', 'Observation', 'Condition', 'Group', 'Binary']);

export const client = (scopes: readonly string[], more: Partial<Principal> = {}): Principal => ({
  tenant: 1,
  kind: 'client',
  id: '6f1c1b1e-3f64-4b6e-9d3e-0f7a5f6f8a11',
  scopes: Object.freeze([...scopes]),
  view: 'full',
  ...more,
});

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
const spelled = fc.oneof(cruds, fc.constantFrom('read', 'write', '*', 'sr', 'rr', 'x', 'rs?code=1', 'RS'));
const levels = fc.constantFrom('system/', 'system/', 'system/', 'user/', 'patient/', 'System/', '');

export const anyScope = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(levels, typeNames, spelled).map(([level, type, word]) => `${level}${type}.${word}`),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
);

export const goodScope = fc
  .tuple(
    fc.constantFrom('Patient', 'Observation', 'Condition', '*'),
    cruds.filter((word) => word !== ''),
  )
  .map(([type, word]) => `system/${type}.${word}`);

export const anyAction = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(lettersByAction)) },
  fc.constantFrom('search-system', 'history-system', 'transaction', 'batch', 'client-create', 'ledger-verify'),
  fc.constantFrom('READ', 'read ', '__proto__', 'constructor', 'toString', '', 'none'),
  fc.string({ maxLength: 12 }),
);

export const anyType = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Patient', 'Observation', 'Condition') },
  fc.constantFrom(
    'Patient',
    'Observation',
    'Condition',
    'Group',
    'Binary',
    '*',
    'Client',
    'Ledger',
    'Foo',
    '__proto__',
  ),
  fc.constant(undefined),
  fc.string({ maxLength: 8 }),
);
