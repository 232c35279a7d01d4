import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type Clock, fault } from '@safeguard/kernel';
import type { Credentials, KeyPair } from './tls.ts';

export interface OwnCertificateDeps {
  /** PEM: the server's certificate first, then its chain. */
  readonly cert_file: string;
  /** PEM, not encrypted, readable by its owner alone. */
  readonly key_file: string;
  readonly clock: Clock;
}

const othersMayRead = 0o044;

async function readOwn({ cert_file, key_file, clock }: OwnCertificateDeps): Promise<KeyPair> {
  const [key, cert, { mode }] = await Promise.all([
    readFile(key_file, 'utf8'),
    readFile(cert_file, 'utf8'),
    stat(key_file),
  ]);
  if ((mode & othersMayRead) !== 0) throw fault('invalid', 'The TLS key file can be read by others than its owner');
  const certificate = parse(() => new X509Certificate(cert), 'The TLS certificate file holds no PEM certificate');
  const privateKey = parse(() => createPrivateKey(key), 'The TLS key file holds no unencrypted PEM private key');
  if (!certificate.checkPrivateKey(privateKey))
    throw fault('invalid', 'The TLS key does not belong to the certificate');
  const now = clock.now();
  if (certificate.validToDate.getTime() <= now) throw fault('invalid', 'The TLS certificate has expired');
  if (certificate.validFromDate.getTime() > now) throw fault('invalid', 'The TLS certificate is not valid yet');
  return { key, cert };
}

function parse<T>(read: () => T, otherwise: string): T {
  try {
    return read();
  } catch (cause) {
    throw fault('invalid', otherwise, { cause });
  }
}

/**
 * The operator's own certificate: the key fits, the dates hold, nobody else reads the key; Fault `invalid` otherwise.
 * `renew` reads the files again, so a renewal by an ACME client takes effect without a restart; while the new
 * files are not sound it throws and the old pair stays.
 */
export async function ownCertificate(deps: OwnCertificateDeps): Promise<Credentials> {
  let pair = await readOwn(deps);
  return {
    current: () => pair,
    async renew() {
      const read = await readOwn(deps);
      const changed = read.cert !== pair.cert || read.key !== pair.key;
      pair = read;
      return changed;
    },
  };
}
