import { type Fault, fault, type Issue } from '@safeguard/kernel';

/** Everything that is wrong with the content, collected while it is read: all of it is told at once. */
export interface Problems {
  /** `file` relative to the content's directory; lines count from 1. */
  add(file: string, line: number, text: string): void;
  readonly count: () => number;
  /** Fault `invalid`: an issue for each, in the order of files and lines, `at` is `program/<file>:<line>`. */
  fault(): Fault;
}

interface Problem {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Where something stands, as people and editors read it. */
export const placeOf = (file: string, line: number): string => `program/${file}:${line}`;

const issueOf = ({ file, line, text }: Problem): Issue => ({
  severity: 'error',
  code: 'invalid',
  text,
  at: placeOf(file, line),
});

const inOrder = (one: Problem, other: Problem): number =>
  one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1;

export function createProblems(): Problems {
  const found: Problem[] = [];
  return {
    add: (file, line, text) => void found.push({ file, line, text }),
    count: () => found.length,
    fault: () => {
      const issues = found.toSorted(inOrder).map(issueOf);
      return fault('invalid', 'The programme cannot be used: its content has errors.', { issues });
    },
  };
}
