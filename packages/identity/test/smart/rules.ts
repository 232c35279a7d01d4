import { createAccess } from '@safeguard/access';
import type { Account } from '../../accounts/types.ts';
import type { SmartClient } from '../../oauth/smart/types.ts';
import type { ScopeRules } from '../../types.ts';

const types = new Set(['Patient', 'Observation', 'Condition', 'Encounter', 'MedicationRequest', 'AllergyIntolerance']);

/** The grammar and the guard that the server runs with, over a few types; every search parameter may restrict. */
const access = createAccess({ types, parameters: () => 'served', policies: 'off' });
export const rules: ScopeRules = access;
export const { guard } = access;

export const account = (more: Partial<Account> = {}): Account => ({
  id: '0b0f6c0e-6d4b-4a0e-9a59-1f2a35e6a001',
  tenant: 1,
  kind: 'workforce',
  state: 'active',
  login: 'ada@example.org',
  name: 'Ada Byron',
  scopes: ['user/*.cruds'],
  roles: [],
  patients: [],
  fhir_user: null,
  source: 'safeguard',
  external: false,
  created_at: 0,
  verified_at: 0,
  ended_at: null,
  ...more,
});

export const app = (more: Partial<SmartClient> = {}): SmartClient => ({
  client_id: '0b0f6c0e-6d4b-4a0e-9a59-1f2a35e6c001',
  tenant: 1,
  name: 'Growth chart',
  state: 'approved',
  scopes: ['patient/*.cruds', 'user/*.cruds'],
  ...more,
});
