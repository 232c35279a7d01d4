import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import type { Letter } from '../interactions.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';
import type { RowFacts } from '../policy/row.ts';
import { entitled } from '../policy/sealed-standing.ts';
import { usualPurpose } from '../standing/occasion.ts';
import type { Holding } from '../standing/types.ts';

/** One interaction for each letter. */
export const actionOf: Readonly<Record<Letter, string>> = {
  c: 'create',
  r: 'read',
  u: 'update',
  d: 'delete',
  s: 'search-type',
};
export const eachLetter = Object.keys(actionOf) as readonly Letter[];

/** Shared, so that what is compiled of them is compiled once. */
const everything = {
  user: Object.freeze(['user/*.cruds', 'patient/*.cruds']),
  client: Object.freeze(['system/*.cruds']),
} as const;

/** Somebody who is nobody, with all scopes that there are: what is left is what the policy says. */
export const madeUp = (kind: 'user' | 'client', at: number, more: Partial<Principal> = {}): Principal => ({
  ...{ tenant: 1, kind, id: newId(), scopes: everything[kind], view: 'full' },
  ...(kind === 'client' ? {} : { account: 'workforce', assurance: { level: 2, at, methods: ['pwd', 'otp'] } }),
  ...more,
});

export interface Drill {
  readonly at: number;
  readonly holdings: readonly Holding[];
  /** On whose care teams they are. */
  readonly careTeam?: readonly string[];
}

/** The same with a standing under a policy, as the running server would make it of these holdings. */
export const standing = (principal: Principal, policy: CompiledPolicy, { at, holdings, careTeam = [] }: Drill) =>
  entitled(principal, {
    ...{ holdings, careTeam, policy, at, groups: [], organizations: [], consents: [], testTenant: false },
    ...{ network: '127.0.0.1', purpose: usualPurpose(policy.policy, holdings) },
  });

/** Whom a role is held by in a drill; `patient`: in whose record they work. */
export function holderOf(policy: CompiledPolicy, role: string, patient: string, at: number): Principal {
  const own = role === 'patient' || role === 'proxy';
  const kind = role === 'service' ? 'client' : 'user';
  const principal = madeUp(kind, at, own ? { account: role, within: [patient], patient } : {});
  const named = policy.policy.roles[role]?.patients === true;
  const holding: Holding = { role, kind: 'standing', ...(named ? { patients: [patient] } : {}) };
  return standing(principal, policy, { at, holdings: [holding], careTeam: [patient] });
}

/** A resource in a patient's record. */
export const rowOf = (type: string, patient: string, labels: readonly string[] = []): RowFacts => ({
  ...{ type, id: type === 'Patient' ? patient : newId(), patients: [patient], labels },
  fulfils: () => true,
  patientFulfils: () => true,
});
