import { hash } from 'node:crypto';
import type { LedgerSigner } from '@safeguard/ledger';

const sha256 = (bytes: Buffer): string => hash('sha256', bytes, 'base64');

/**
 * The signature over a bundle: a C2SP signed note under a name of its own. Its second line is a UUID, so that it is
 * never taken for a checkpoint, whose second line is a number.
 */
export async function signBundle(
  signer: LedgerSigner,
  id: string,
  { manifest, entry }: { readonly manifest: Buffer; readonly entry: Buffer },
): Promise<Buffer> {
  const name = `${signer.name}/bundle`;
  const text = `${name}\n${id}\n${sha256(manifest)}\n${sha256(entry)}\n`;
  const key = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), signer.publicKey]);
  const keyId = hash('sha256', key, 'buffer').subarray(0, 4);
  const signature = Buffer.concat([keyId, await signer.sign(Buffer.from(text))]);
  return Buffer.from(`${text}\n— ${name} ${signature.toString('base64')}\n`);
}
