import { readFile } from 'node:fs/promises';
import type { Issue } from '@safeguard/kernel';

/** One thing that is wrong with a file: where (a JSON pointer, or a line), and what, in fixed words. */
export interface Finding {
  readonly at: string;
  readonly text: string;
}

/** Where JSON stops being JSON; what stands there is not repeated. */
function noJson(error: unknown): Finding {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(error instanceof Error ? error.message : '') ?? [];
  return { at: line === undefined ? '' : `line ${line}, column ${column}`, text: 'this is not JSON' };
}

export type Check = (json: unknown) => readonly Issue[];

/** What is wrong with a policy in a file; empty: nothing. Errors of the system where it cannot be read. */
export async function checkFile(file: string, check: Check): Promise<readonly Finding[]> {
  const text = await readFile(file, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return [noJson(error)];
  }
  return check(json).map(({ at = '', text: words }) => ({ at, text: words }));
}
