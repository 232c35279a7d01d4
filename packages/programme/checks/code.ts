import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of the product, and one digest over the sources that run. */
export interface Code {
  readonly version: string;
  /** SHA-256, hex. */
  readonly digest: string;
}

const top = fileURLToPath(new URL('../../..', import.meta.url));
const skipped = new Set(['node_modules', 'test', '.git']);

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sourcesIn(path);
      return /\.(ts|js|mjs|sql)$/.test(entry.name) ? [path] : [];
    }),
  );
  return found.flat();
}

/** Anew from disk. Files that a test runner alone reads are left out. */
export async function readCode(root: string = top): Promise<Code> {
  const folders = await Promise.all(['packages', 'apps'].map((folder) => sourcesIn(join(root, folder))));
  const digest = createHash('sha256');
  for (const path of folders.flat().sort()) {
    const file = createHash('sha256').update(await readFile(path));
    digest.update(`${relative(root, path)}\0${file.digest('hex')}\n`);
  }
  const manifest: { version?: string } = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return { version: manifest.version ?? '0', digest: digest.digest('hex') };
}

let known: Promise<Code> | undefined;

/** What runs here: read once, when first asked for. Sources that change later do not run either. */
export function codeDigest(): Promise<Code> {
  known ??= readCode();
  return known;
}
