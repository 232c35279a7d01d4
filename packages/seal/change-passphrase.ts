import { fault } from '@safeguard/kernel';
import type { RootKeyFile } from './file-provider.ts';
import { readRootFile, replaceRootFile } from './root-file.ts';
import { readRootKey, writeRootKey } from './root-key.ts';

/**
 * Protects the same root key by another passphrase; `next` undefined takes the protection off. After a crash the file
 * is the old one or the new one. Copies of the old file (backups) still open with the old passphrase: when it has
 * leaked together with such a copy, rotate the root key instead.
 */
export async function changePassphrase(file: RootKeyFile, next: string | undefined): Promise<void> {
  const text = await readRootFile(file.directory);
  if (text === undefined) throw fault('unavailable', 'root key file: there is none');
  const key = await readRootKey(text, file.passphrase);
  await replaceRootFile(file.directory, await writeRootKey(key, next));
}
