import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import type { LedgerSigner, SignedCheckpoint } from './types.ts';

/** The log's name: C2SP tlog-checkpoint's origin, and the key name of its signatures. */
export const originOf = (name: string, tenant: number, shard: number): string => `${name}/${tenant}/${shard}`;

const keyId = (origin: string, publicKey: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${origin}\n`), Buffer.of(1), publicKey]), 'buffer').subarray(0, 4);

/** Signs a tree head as a C2SP tlog-checkpoint: a signed note of origin, size and root. */
export async function signCheckpoint(
  signer: LedgerSigner,
  origin: string,
  size: number,
  root: Buffer,
): Promise<SignedCheckpoint> {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = Buffer.concat([keyId(origin, signer.publicKey), await signer.sign(Buffer.from(text))]);
  return { origin, size, root, note: `${text}\n— ${origin} ${signature.toString('base64')}\n` };
}

/** Takes a checkpoint of ours apart; undefined when it is not one, is another log's, or this signer did not sign it. */
export function readCheckpoint(signer: LedgerSigner, origin: string, note: string): SignedCheckpoint | undefined {
  const form = /^(?<text>(?<name>[^\n]+)\n(?<size>\d{1,16})\n(?<root>[^\n]{44})\n)\n(?<lines>.*)$/s;
  const { text = '', name, size, root = '', lines = '' } = form.exec(note)?.groups ?? {};
  const start = `— ${origin} `;
  if (name !== origin) return undefined;
  const key = publicKeyOf(signer.publicKey);
  const held = lines.split('\n').some((line) => {
    const bytes = Buffer.from(line.startsWith(start) ? line.slice(start.length) : '', 'base64');
    if (!bytes.subarray(0, 4).equals(keyId(origin, signer.publicKey))) return false;
    return verify(null, Buffer.from(text), key, bytes.subarray(4));
  });
  return held ? { origin, size: Number(size), root: Buffer.from(root, 'base64'), note } : undefined;
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** A signer on a private Ed25519 key held in memory (KeyObject, or PKCS#8 PEM). */
export function ed25519Signer(name: string, key: KeyObject | string): LedgerSigner {
  const secret = typeof key === 'string' ? createPrivateKey(key) : key;
  const { x = '' } = createPublicKey(secret).export({ format: 'jwk' });
  return { name, publicKey: Buffer.from(x, 'base64url'), sign: (message) => sign(null, message, secret) };
}
