import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@safeguard/kernel';
import { ed25519Signer, type LedgerSigner } from '@safeguard/ledger';
import type { RootKeyProvider } from '@safeguard/seal';

/** What an instance is known by, made at its first start and kept in its data directory. */
export interface Instance {
  readonly id: string;
  /** True at the first start. */
  readonly made: boolean;
  readonly signer: LedgerSigner;
}

interface InstanceFile {
  readonly id: string;
  /** PKCS#8 of the ledger's Ed25519 key, wrapped by the root key; base64. */
  readonly signing_key: string;
  /** The raw public key, base64: what a verifier needs. */
  readonly public_key: string;
}

const context = (id: string): Buffer => Buffer.from(`safeguard/ledger-signing-key/${id}`);

/** Reads or makes `<data>/instance.json`. The private key in it opens with the root key alone. */
export async function openInstance(data: string, provider: RootKeyProvider): Promise<Instance> {
  const path = join(data, 'instance.json');
  const found = await readInstance(path);
  const file = found ?? (await makeInstance(path, provider));
  const wrapped = Buffer.from(file.signing_key, 'base64');
  const pkcs8 = await provider.unwrap(wrapped, context(file.id));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  pkcs8.fill(0);
  return { id: file.id, made: found === undefined, signer: ed25519Signer(`safeguard/${file.id}`, key) };
}

async function readInstance(path: string): Promise<InstanceFile | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeInstance(path: string, provider: RootKeyProvider): Promise<InstanceFile> {
  const id = newId();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const file = {
    id,
    signing_key: (await provider.wrap(pkcs8, context(id))).toString('base64'),
    public_key: Buffer.from(x, 'base64url').toString('base64'),
  };
  pkcs8.fill(0);
  await writeWhole(path, `${JSON.stringify(file, undefined, 2)}\n`);
  return file;
}

/** Whole or not at all, and on the disk when it returns. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
