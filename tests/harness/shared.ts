import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A folder of the real data that lies beside a checkout in CI; undefined where it is absent. */
export function sharedData(...path: string[]): string | undefined {
  const folder = join(top, '..', 'shared', 'data', ...path);
  return existsSync(folder) ? folder : undefined;
}

/** `skip` option of a test that needs real data: says loudly what is missing. */
export const needs = (folder: string | undefined, what: string): { skip: string | false } => ({
  skip: folder === undefined ? `SKIPPED: ${what} is not beside this checkout (../shared/data)` : false,
});
