import { fault, type Issue } from '@safeguard/kernel';
import { z } from 'zod';
import type { Policy } from '../../policy/types.ts';
import { purposesOfUse } from '../purposes.ts';
import { issueOf } from '../reading/issues.ts';
import type { PolicyVocabulary } from '../vocabulary.ts';
import type { PolicyTest } from './types.ts';

const one = z.strictObject({
  role: z.string().max(60),
  interaction: z.enum(['create', 'read', 'update', 'delete', 'search']),
  type: z.string().max(60),
  theirs: z.boolean().exactOptional(),
  labels: z.array(z.string().max(300)).max(20).exactOptional(),
  purpose: z.enum([...purposesOfUse] as [string, ...string[]]).exactOptional(),
  expected: z.enum(['permit', 'deny']),
});
const tests_most = 1_000;

/** The tests of a policy. Fault `invalid` with an issue for each that is none. */
export function readTests(json: unknown, policy: Policy, { types }: PolicyVocabulary): readonly PolicyTest[] {
  const issues: Issue[] = [];
  if (!Array.isArray(json) || json.length > tests_most) issues.push(issueOf('structure', ['tests']));
  const tests = (issues.length > 0 ? [] : (json as unknown[])).flatMap((each, index) => {
    const read = one.safeParse(each);
    const fits = read.success && Object.hasOwn(policy.roles, read.data.role) && types.has(read.data.type);
    if (!fits) issues.push(issueOf('test', ['tests', index]));
    return fits ? [read.data] : [];
  });
  if (issues.length > 0) {
    throw fault('invalid', 'The tests of the policy are refused: see the issues.', { issues: issues.slice(0, 100) });
  }
  return tests;
}
