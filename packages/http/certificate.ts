import './reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { nameConstraints } from './names.ts';
import type { KeyPair } from './tls.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day_ms = 86_400_000;
/** Browsers refuse a server certificate that lives longer (Apple's and the CA/Browser Forum's limit of 398 days). */
const server_days = 397;
const authority_days = 3_650;
/** So that a machine whose clock is a little behind already trusts it. */
const before_ms = 3_600_000;

const nameConstraintsOid = '2.5.29.30';

const serial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = (bytes.readUInt8(0) & 0x7f) | 0x40; // positive, and of constant length (RFC 5280 4.1.2.2)
  return bytes.toString('hex');
};

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

const keyOfPem = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, true, ['sign']);

const lifetime = (now: number, days: number) => ({
  notBefore: new Date(now - before_ms),
  notAfter: new Date(now - before_ms + days * day_ms),
});

/** A new authority: ECDSA P-256, path length 0, bound to `hosts` and loopback by critical name constraints. */
export async function makeAuthority(hosts: readonly string[], now: number): Promise<KeyPair> {
  const keys = await newKeys();
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial(),
      name: `CN=Safeguard local authority ${randomBytes(4).toString('hex')}`,
      ...lifetime(now, authority_days),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.Extension(nameConstraintsOid, true, nameConstraints(hosts)),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return { key: await pemOfKey(keys.privateKey), cert: made.toString('pem') };
}

/** A server certificate for `hosts`, signed by the authority, with a key of its own. */
export async function makeServerPair(authority: KeyPair, hosts: readonly string[], now: number): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await newKeys();
  const { notBefore, notAfter } = lifetime(now, server_days);
  const made = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: 'CN=Safeguard',
      issuer: issuer.subject,
      notBefore,
      notAfter: new Date(Math.min(notAfter.getTime(), issuer.notAfter.getTime())),
      publicKey: keys.publicKey,
      signingKey: await keyOfPem(authority.key),
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return { key: await pemOfKey(keys.privateKey), cert: made.toString('pem') };
}
