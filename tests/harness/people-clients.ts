import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { exportJWK, generateKeyPair } from 'jose';
import type { Instance } from './instance.ts';
import { cliJson } from './people.ts';

/** This process, its `fetch` too, trusts the instance's authority beside the usual ones: nothing else is relaxed. */
export async function trust({ ca }: Instance): Promise<void> {
  if (ca === null) throw new Error('the instance has no authority of its own');
  setDefaultCACertificates([...getCACertificates('default'), await readFile(ca, 'utf8')]);
}

export const callback = 'https://app.example/cb';

export interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
}

/** An app as the operator's command makes it. */
export const register = (instance: Instance, scopes: string, ...more: string[]): Promise<Registered> =>
  cliJson<Registered>(instance, 'client', 'create', 'a strict client', '--scopes', scopes, ...more);

export interface Keyed extends Registered {
  readonly key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly kid: string;
  readonly alg: string;
}

/** An app that proves itself by a key of its own, whose public half it gave by value. */
export async function registerKeyed(
  instance: Instance,
  alg: 'RS384' | 'ES384',
  scopes: string,
  ...more: string[]
): Promise<Keyed> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${alg}`;
  const file = join(instance.data, `${kid}-${Date.now()}.json`);
  await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }] }));
  return { ...(await register(instance, scopes, '--jwks', file, ...more)), key: privateKey, kid, alg };
}
