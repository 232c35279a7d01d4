import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const iterations = 4096;
const salt_bytes = 16;
const key_bytes = 32;

/**
 * The verifier that PostgreSQL stores for a password (RFC 5802, in the form of pg_authid.rolpassword). Made here, so
 * that no statement, and no log of somebody else's server, ever holds the password itself.
 */
export function scramVerifier(password: string): string {
  const salt = randomBytes(salt_bytes);
  const salted = pbkdf2Sync(password, salt, iterations, key_bytes, 'sha256');
  const keyFor = (label: string): Buffer => createHmac('sha256', salted).update(label).digest();
  const stored = createHash('sha256').update(keyFor('Client Key')).digest('base64');
  const server = keyFor('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}
