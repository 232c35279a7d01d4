import { fault, type Issue } from '@safeguard/kernel';
import type { Policy } from '../../policy/types.ts';
import type { PolicyVocabulary } from '../vocabulary.ts';
import { checkCategories } from './check-categories.ts';
import { checkRoles } from './check-roles.ts';
import { checkRules } from './check-rules.ts';
import { readForm } from './form.ts';
import { type Finding, issueOf, type Path } from './issues.ts';

const policy_bytes_most = 5_000_000;
/** Who sends something else altogether learns enough from the first ones. */
const issues_most = 100;

const refusal = (issues: readonly Issue[]) => fault('invalid', 'The policy is refused: see the issues.', { issues });

/**
 * A policy out of JSON that somebody wrote: of the right form, and with nothing in it that is not there. It shares no
 * object with what it was read from.
 * @throws Fault `invalid` with one issue per finding (at most 100), `at` a JSON pointer, in fixed words
 */
export function readPolicy(json: unknown, vocabulary: PolicyVocabulary): Policy {
  const issues: Issue[] = [];
  const report = (finding: Finding, path: Path, more?: string): void => {
    if (issues.length < issues_most) issues.push(issueOf(finding, path, more));
  };
  const policy = readForm(json, report);
  if (policy !== undefined) {
    // Only what has the form of a policy is written out: anything else could be nested deeper than a stack.
    if (Buffer.byteLength(JSON.stringify(policy)) > policy_bytes_most) {
      report('large', []);
      throw refusal(issues);
    }
    checkRoles(policy, report);
    checkCategories(policy, vocabulary, report);
    checkRules(policy, vocabulary, report);
  }
  if (policy === undefined || issues.length > 0) throw refusal(issues);
  return policy;
}
