import { createPublicKey, hash, verify } from 'node:crypto';
import { fail } from './wrong.ts';

const digests = '(?<manifest>[^\\n]{44})\\n(?<entry>[^\\n]{44})\\n';
const signedText = `(?<text>(?<name>[^\\n]{1,200})\\n(?<id>[0-9a-f-]{36})\\n${digests})`;
const form = new RegExp(`^${signedText}\\n— (?<by>[^\\n]{1,200}) (?<signature>[A-Za-z0-9+/]{91}=)\\n$`);

/** What the signature of a bundle says. */
export interface Statement {
  readonly name: string;
  readonly id: string;
  /** SHA-256 of manifest.json and of entry.tlog-proof. */
  readonly manifest: Buffer;
  readonly entry: Buffer;
}

/**
 * Opens the signed note of a bundle (C2SP signed-note, Ed25519): exactly one signature, and no other text for the same
 * bytes. Ends with a finding where it does not hold.
 */
export function openStatement(where: string, note: string, publicKey: Buffer): Statement {
  const { text = '', name = '', id = '', by, signature = '', ...digests } = form.exec(note)?.groups ?? {};
  const bytes = Buffer.from(signature, 'base64');
  if (by !== name || !name.endsWith('/bundle') || bytes.toString('base64') !== signature) {
    return fail(where, 'is not the signed note of a bundle');
  }
  const [manifest, entry] = [digests['manifest'], digests['entry']].map((each) => {
    const found = Buffer.from(each ?? '', 'base64');
    return found.length === 32 && found.toString('base64') === each ? found : fail(where, 'holds no SHA-256');
  });
  const keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), publicKey]), 'buffer');
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
    format: 'jwk',
  });
  const holds =
    bytes.subarray(0, 4).equals(keyId.subarray(0, 4)) && verify(null, Buffer.from(text), key, bytes.subarray(4));
  if (!holds || manifest === undefined || entry === undefined) return fail(where, 'its signature does not hold');
  return { name, id, manifest, entry };
}
