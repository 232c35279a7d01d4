import { fault } from '@safeguard/kernel';
import type { Vocabulary } from '../scope.ts';
import { compileIndex } from './compile-index.ts';
import { compileRules } from './compile-rules.ts';
import type { CompiledPolicy } from './compiled.ts';
import type { Policy } from './types.ts';

/**
 * Makes a policy ready for questions; `readPolicy` has checked its form before. `version`: its number in the tenant, 0
 * for the house's own. Types that do not exist here are left out. Throws Fault `invalid` with issues for what cannot be
 * enforced.
 */
export function compilePolicy(policy: Policy, version: number, { types }: Pick<Vocabulary, 'types'>): CompiledPolicy {
  const { rules, issues } = compileRules(policy, types);
  if (issues.length > 0) throw fault('invalid', 'The policy has rules that cannot be enforced.', { issues });
  return Object.freeze({ policy, version, index: compileIndex(policy, rules, types) });
}
