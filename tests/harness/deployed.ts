import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** What a deployment has of the tree, without tests. */
const parts = ['packages', 'apps', 'program', 'package.json'];
const skipped = new Set(['test']);

/** A change of one place in the code. */
export interface Patch {
  /** From the top: `packages/http/…`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

/**
 * The code of its own that a deployment has: a copy of the tree. A test may change its files without anybody else's
 * instance noticing, and nobody's work on the tree changes it meanwhile. Third-party packages are shared. `from`: the
 * top of what is copied.
 */
export async function deployedCopy(from = top): Promise<{ code: string; remove(): Promise<void> }> {
  const code = await mkdtemp(join(tmpdir(), 'safeguard-test-code-'));
  await Promise.all(
    parts.map((name) =>
      cp(join(from, name), join(code, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !skipped.has(basename(path)),
      }),
    ),
  );
  const modules = join(code, 'node_modules');
  await mkdir(modules);
  // Ours are links from there into the tree around them: in the copy into the copy.
  await cp(join(top, 'node_modules', '@safeguard'), join(modules, '@safeguard'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  const others = (await readdir(join(top, 'node_modules'))).filter((name) => name !== '@safeguard');
  await Promise.all(others.map((name) => symlink(join(top, 'node_modules', name), join(modules, name))));
  return { code, remove: () => rm(code, { recursive: true, force: true }) };
}

/** Changes the code of a copy. Throws where the place is not there, or more than once: the test is to be mended. */
export async function patch(code: string, { file, from, to }: Patch): Promise<void> {
  const path = join(code, file);
  const text = await readFile(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} does not have exactly one "${from}"`);
  await writeFile(
    path,
    text.replace(from, () => to),
  );
}
