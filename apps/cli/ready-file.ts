import { rename, rm, writeFile } from 'node:fs/promises';

/** What whoever started the platform finds in the ready file. `ca` is the path of the authority to trust, or null. */
export interface Ready {
  readonly url: string;
  readonly pid: number;
  readonly ca: string | null;
}

/** Writes the ready file whole or not at all: a reader never sees half of it. */
export async function writeReadyFile(path: string, { url, pid, ca }: Ready): Promise<void> {
  const draft = `${path}.${pid}.tmp`;
  await writeFile(draft, `${JSON.stringify({ url, pid, ca })}\n`, { mode: 0o644 });
  await rename(draft, path);
}

export const removeReadyFile = (path: string): Promise<void> => rm(path, { force: true });
