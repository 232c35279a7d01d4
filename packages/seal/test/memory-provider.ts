import { createSecretKey, randomBytes } from 'node:crypto';
import { decrypt, encrypt } from '../cipher.ts';
import type { RootKeyProvider } from '../index.ts';

/** A root key that lives in this process only. */
export function memoryProvider(id: string): RootKeyProvider {
  const key = createSecretKey(randomBytes(32));
  return {
    id,
    wrap: async (plain, context) => encrypt(key, Buffer.alloc(0), context, plain),
    unwrap: async (wrapped, context) => decrypt(key, context, wrapped),
  };
}
