import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const top = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Every file of the project, relative to `top`: those that git tracks, and new ones that it does not ignore. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  { cwd: top, encoding: 'utf8', maxBuffer: 1 << 26 },
)
  .split('\0')
  .filter((file) => file !== '');

export const read = (file: string): string => readFileSync(join(top, file), 'utf8');

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const manifest = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`));

/** Modules that a TypeScript source imports, statically or not. */
export function importsOf(source: string): string[] {
  const form = /(?:\bfrom\s*|\bimport\s*\(?\s*)'([\w@./:-]+)'/g;
  return [...source.matchAll(form)].map((match) => match[1] as string);
}
