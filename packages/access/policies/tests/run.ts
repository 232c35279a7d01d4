import type { Principal } from '@safeguard/http';
import { noOwner } from '@safeguard/seal';
import { createJudge } from '../../decide.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { entitled } from '../../policy/sealed-standing.ts';
import type { Policy } from '../../policy/types.ts';
import type { PolicyVocabulary } from '../vocabulary.ts';
import type { PolicyTest } from './types.ts';

/** Ids that no resource has: the patient that is theirs, and one that is not. */
const theirs = '00000000-0000-4000-8000-000000000001';
const another = '00000000-0000-4000-8000-000000000002';
const resource = '00000000-0000-4000-8000-000000000003';

const actionOf = { create: 'create', read: 'read', update: 'update', delete: 'delete', search: 'search-type' } as const;
const relatives: ReadonlySet<string> = new Set(['patient', 'proxy']);

function bare(role: string): Principal {
  const common = { tenant: 1, id: noOwner, view: 'full' } as const;
  if (role === 'service') return { ...common, kind: 'client', scopes: ['system/*.cruds'] };
  const account = role === 'patient' || role === 'proxy' ? role : 'workforce';
  return {
    ...common,
    kind: 'user',
    account,
    scopes: ['user/*.cruds'],
    assurance: { level: 2, at: 0, methods: [] },
    ...(relatives.has(role) ? { within: [theirs] } : {}),
  };
}

/** Queries that the resource of a test is asked about are taken to hold: a test is about who, not about content. */
const row = ({ type, theirs: own = true, labels = [] }: PolicyTest) => ({
  type,
  id: type === 'Patient' ? (own ? theirs : another) : resource,
  patients: [own ? theirs : another],
  labels,
  fulfils: () => true,
  patientFulfils: () => true,
});

/** Asks each test of the policy. */
export function runTests(
  policy: Policy,
  tests: readonly PolicyTest[],
  { types }: PolicyVocabulary,
): readonly { readonly index: number; readonly holds: boolean }[] {
  const compiled = compilePolicy(policy, 1, { types });
  const { decide } = createJudge({ types }, 'on');
  return tests.map((test, index) => {
    const { role, purpose = policy.roles[role]?.purpose ?? 'TREAT' } = test;
    const named = policy.roles[role]?.patients === true ? { patients: [theirs] } : {};
    const standing = {
      holdings: [{ role, kind: relatives.has(role) ? 'relationship' : 'standing', ...named }] as const,
      ...{ groups: [], careTeam: [theirs], organizations: [], consents: [], testTenant: true },
      ...{ policy: compiled, at: 0, network: '127.0.0.1', purpose },
    };
    const principal = entitled(bare(role), standing);
    const { permit } = decide(principal, actionOf[test.interaction], { type: test.type, row: row(test) });
    return { index, holds: permit === (test.expected === 'permit') };
  });
}
