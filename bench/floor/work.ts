import { argon2, createPublicKey, generateKeyPairSync, hash, type KeyObject, sign, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';

/** What of a request the work is done on. */
interface Given {
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
}

/** Where an assertion's public key stands (SPKI in base64). */
export const keyHeader = 'x-public-key';

const keys = new Map<string, KeyObject>();

function keyOf(text: string): KeyObject {
  const key = keys.get(text) ?? createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  keys.set(text, key);
  return key;
}

/** The assertion's signature, in our one thread as the server's is. */
export function checkAssertion({ body, headers }: Given): void {
  const assertion = new URLSearchParams(body.toString()).get('client_assertion') ?? '';
  const end = assertion.lastIndexOf('.');
  const key = { key: keyOf(String(headers[keyHeader])), dsaEncoding: 'ieee-p1363' } as const;
  const signature = Buffer.from(assertion.slice(end + 1), 'base64url');
  if (!verify('sha384', Buffer.from(assertion.slice(0, end)), key, signature)) throw new Error('a wrong signature');
}

const signing = generateKeyPairSync('rsa', { modulusLength: 3072 });
const hashed = promisify(argon2);
const nonce = Buffer.alloc(16, 7);

/** The cost of the product's own password hash. */
const argon2id = ({ body }: Given): Promise<Buffer> =>
  hashed('argon2id', { message: body, nonce, parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 });

/** Secrets are compared by their SHA-256; an ID token is signed by RS256 with 3072 bits. */
export const works: ReadonlyMap<string, (given: Given) => unknown> = new Map<string, (given: Given) => unknown>([
  ['/secret', ({ headers }) => hash('sha256', String(headers.authorization), 'buffer')],
  ['/assertion', checkAssertion],
  ['/password', argon2id],
  ['/id-token', ({ body }) => sign('sha256', body, signing.privateKey)],
]);
