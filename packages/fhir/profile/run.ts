import type { Issue, JsonObject } from '@safeguard/kernel';
import type { PathAllowance } from '../fhirpath/index.ts';

/** What one run carries along: the findings, the place, and what the resource around it is. */
export interface Run {
  readonly issues: Issue[];
  readonly limit: number;
  /** Report warnings and information too; without it only errors are looked for. */
  readonly all: boolean;
  readonly mustSupport: boolean;
  readonly path: (string | number)[];
  resource: JsonObject;
  root: JsonObject;
  /** Resources and profiles looked into from one another by `resolve`, `conformsTo` and the like. */
  readonly depth: number;
  /** What the constraints of the whole run may do together. */
  readonly allowance: PathAllowance;
  readonly resolve: ((reference: string) => JsonObject | undefined) | undefined;
}

/** Words of a path beyond which nothing is looked at: `validate` refuses what stands deeper. */
const path_limit = 300;

/** Nothing more is looked at: enough was found, or it stands too deep. */
export const isFull = (run: Run): boolean => run.issues.length >= run.limit || run.path.length > path_limit;

export function locate(path: readonly (string | number)[]): string {
  let text = '';
  for (const word of path) {
    if (typeof word === 'number') text += `[${word}]`;
    else text += text === '' ? word : `.${word}`;
  }
  return text;
}

export function say(
  run: Run,
  severity: Issue['severity'],
  code: string,
  text: string,
  ...rest: readonly (string | number)[]
): void {
  if (run.issues.length >= run.limit || (severity !== 'error' && !run.all)) return;
  run.issues.push({ severity, code, text, at: locate([...run.path, ...rest]) });
}

/** A run that only asks whether an error is found, and stops at the first. */
export const trial = (run: Run): Run => ({
  ...run,
  issues: [],
  limit: 1,
  all: false,
  mustSupport: false,
  path: [...run.path],
  depth: run.depth + 1,
});

/** How far runs may lead into one another. */
export const depth_limit = 12;
