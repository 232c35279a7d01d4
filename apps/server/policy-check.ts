import { compilePolicy, readPolicy } from '@safeguard/access';
import { type Issue, isFault } from '@safeguard/kernel';
import { policyVocabulary } from './rights.ts';

/** What is wrong with a policy, as the server would say it of a draft; empty: nothing. No instance is asked. */
export function checkPolicy(json: unknown): readonly Issue[] {
  try {
    compilePolicy(readPolicy(json, policyVocabulary), 0, policyVocabulary);
    return [];
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid' && error.issues.length > 0) return error.issues;
    throw error;
  }
}
