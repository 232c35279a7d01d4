import { createPublicKey } from 'node:crypto';

const most = 10;
const longest = 16_384;
const leastRsa_bits = 2_048;
const mostRsa_bits = 8_192;
/** RFC 7518 6.2.2, 6.3.2, 6.4; RFC 8037 2: what only the owner of a key has. */
const secretParts = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const curves = new Set(['P-256', 'P-384', 'P-521', 'Ed25519']);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isStrong(key: Record<string, unknown>): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    if (asymmetricKeyType !== 'rsa') return curves.has(String(key.crv));
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    return bits >= leastRsa_bits && bits <= mostRsa_bits;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function isPublicKey(key: unknown): boolean {
  if (!isRecord(key) || !['RSA', 'EC', 'OKP'].includes(String(key.kty))) return false;
  if (secretParts.some((name) => name in key)) return false;
  const named = typeof key.kid === 'string' && key.kid.length >= 1 && key.kid.length <= 200;
  return named && (key.use === undefined || key.use === 'sig') && isStrong(key);
}

/** A set of public keys as a client may register it: see `PublicKeys`. */
export function isKeySet(value: unknown): boolean {
  if (!isRecord(value) || !Array.isArray(value.keys) || JSON.stringify(value).length > longest) return false;
  const { keys } = value;
  const kids = new Set(keys.map((key) => (isRecord(key) ? key.kid : undefined)));
  return keys.length >= 1 && keys.length <= most && kids.size === keys.length && keys.every(isPublicKey);
}
