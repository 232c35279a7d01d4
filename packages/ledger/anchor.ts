import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { LogDiffers } from './failure.ts';
import { readCheckpoint } from './note.ts';
import type { LedgerSigner, SignedCheckpoint } from './types.ts';

/** The file of a log's newest checkpoint: its origin with every unusual character as `_`. */
export const anchorFile = (folder: string, origin: string): string =>
  join(folder, `${origin.replace(/[^A-Za-z0-9.-]/g, '_')}.checkpoint`);

/** Writes the note so that a crash leaves the old or the new one, never half of one. */
export async function writeAnchor(folder: string, { origin, note }: SignedCheckpoint): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = anchorFile(folder, origin);
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(note);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

/** The local copy of the newest checkpoint; undefined when there is none. Throws LogDiffers when it does not hold. */
export async function readAnchor(
  folder: string,
  signer: LedgerSigner,
  origin: string,
): Promise<SignedCheckpoint | undefined> {
  const file = anchorFile(folder, origin);
  const note = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (note === undefined) return undefined;
  const checkpoint = readCheckpoint(signer, origin, note);
  if (checkpoint === undefined) throw new LogDiffers(`the anchor ${file} is no checkpoint that this key signed`);
  return checkpoint;
}

/** All anchors of a folder, for the verifier; none when the folder is not there. Read them before the database. */
export async function readAnchors(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const anchors = names.filter((name) => name.endsWith('.checkpoint'));
  return Promise.all(anchors.map((name) => readFile(join(folder, name), 'utf8')));
}
