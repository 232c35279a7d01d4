import type { KeyObject } from 'node:crypto';
import { fault } from '@safeguard/kernel';
import { decrypt, encrypt } from './cipher.ts';
import { createRootFile, readRootFile } from './root-file.ts';
import { readRootKey, rootId, writeRootKey } from './root-key.ts';
import type { RootKeyProvider } from './types.ts';
import { newKey } from './wrap.ts';

export interface RootKeyFile {
  /** Absolute path of the key's own directory (0700); made when missing. Keep it off the disk of the databases. */
  readonly directory: string;
  /** Protects the file by argon2id (64 MiB, 3 passes); 8 characters or more. Absent: only the file's mode protects. */
  readonly passphrase?: string | undefined;
}

/**
 * The root key in a file, made at the first use. Throws Fault `unavailable`, with what to put right, for a file or a
 * directory that others have access to, a symbolic link, a foreign owner, a damaged file or a wrong passphrase.
 */
export async function fileProvider(file: RootKeyFile): Promise<RootKeyProvider> {
  const found = await readRootFile(file.directory);
  if (found !== undefined) return provide(await readRootKey(found, file.passphrase));
  const key = newKey();
  if (await createRootFile(file.directory, await writeRootKey(key, file.passphrase))) return provide(key);
  const other = await readRootFile(file.directory);
  if (other === undefined) throw fault('unavailable', 'root key file: it vanished while it was read');
  return provide(await readRootKey(other, file.passphrase));
}

const nothing = Buffer.alloc(0);

function provide(key: KeyObject): RootKeyProvider {
  return {
    id: rootId(key),
    wrap: async (plain, context) => encrypt(key, nothing, context, plain),
    unwrap: async (wrapped, context) => decrypt(key, context, wrapped),
  };
}
