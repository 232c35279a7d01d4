import type { z } from 'zod';
import type { Policy } from '../../policy/types.ts';
import type { Finding, Path, Report } from './issues.ts';
import { policySchema } from './schema.ts';

const findingOf: Readonly<Partial<Record<z.core.$ZodIssue['code'], Finding>>> = {
  invalid_type: 'structure',
  unrecognized_keys: 'unexpected',
  invalid_key: 'key',
  too_big: 'long',
  too_small: 'short',
};

/** A key that no name may be is not repeated: the finding is told of what holds it. */
const placeOf = (issue: z.core.$ZodIssue): Path => {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? '' : step));
  return issue.code === 'invalid_key' ? path.slice(0, -1) : path;
};

const isMissing = (issue: z.core.$ZodIssue): boolean => issue.code === 'invalid_type' && issue.input === undefined;

/** The policy when it has the form of one; else what is wrong with it has been reported. */
export function readForm(json: unknown, report: Report): Policy | undefined {
  const read = policySchema.safeParse(json, { reportInput: true });
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    report(isMissing(issue) ? 'missing' : (findingOf[issue.code] ?? 'value'), placeOf(issue));
  }
  return undefined;
}
