import { hash } from 'node:crypto';
import type { LedgerSigner } from '@safeguard/ledger';
import { unzipSync } from 'fflate';
import { canonical } from '../../reports/bundle/canonical.ts';
import { signBundle } from '../../reports/bundle/note.ts';
import { zipped } from '../../reports/bundle/zip.ts';

export const filesOf = (bytes: Buffer): Map<string, Buffer> =>
  new Map(Object.entries(unzipSync(bytes)).map(([name, one]) => [name, Buffer.from(one)]));

export const flipped = (bytes: Buffer, at: number, mask = 1): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
};

/** Whoever does not have the key: other files, all digests put right, the old signature. */
export function patched(bytes: Buffer, change: (files: Map<string, Buffer>) => void): Map<string, Buffer> {
  const files = filesOf(bytes);
  change(files);
  const manifest = JSON.parse(String(files.get('manifest.json')));
  manifest.files = [...files]
    .filter(([name]) => !['manifest.json', 'manifest.note', 'entry.tlog-proof'].includes(name))
    .map(([path, one]) => ({ path, bytes: one.length, sha256: hash('sha256', one, 'hex') }));
  files.set('manifest.json', Buffer.from(`${canonical(manifest)}\n`));
  return files;
}

/** Whoever has the key: signed anew. */
export async function forged(
  signer: LedgerSigner,
  bytes: Buffer,
  change: (files: Map<string, Buffer>) => void,
): Promise<Buffer> {
  const files = patched(bytes, change);
  const { id } = JSON.parse(String(files.get('manifest.json')));
  const given = { manifest: files.get('manifest.json') as Buffer, entry: files.get('entry.tlog-proof') as Buffer };
  files.set('manifest.note', await signBundle(signer, id, given));
  return zipped(files);
}

/** Changes a JSON file. */
export const edit =
  <T>(name: string, change: (value: T) => void) =>
  (files: Map<string, Buffer>): void => {
    const value = JSON.parse(String(files.get(name)));
    change(value);
    files.set(name, Buffer.from(`${canonical(value)}\n`));
  };

/** Changes one line of a file of lines. */
export const editLine =
  <T>(name: string, at: number, change: (value: T) => void) =>
  (files: Map<string, Buffer>): void => {
    const lines = String(files.get(name)).split('\n');
    const value = JSON.parse(lines.at(at < 0 ? at - 1 : at) ?? '');
    change(value);
    lines[at < 0 ? lines.length - 1 + at : at] = canonical(value);
    files.set(name, Buffer.from(lines.join('\n')));
  };
