import { createPrivateKey, X509Certificate } from 'node:crypto';

const bare = /^[A-Za-z0-9+/=\s]+$/;

/**
 * A certificate in PEM's strict form, from PEM or from the bare base64 that metadata has. Undefined: it is none, or its
 * key is not RSA of 2048 bits at least (the only kind that SAML signatures are checked with here).
 */
export function certificatePem(text: string): string | undefined {
  try {
    const given = bare.test(text) ? Buffer.from(text, 'base64') : text;
    const certificate = new X509Certificate(given);
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    const long = (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
    return asymmetricKeyType === 'rsa' && long ? certificate.toString() : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** True when the private key (PEM, without passphrase) is the certificate's. */
export function belongs(key: string, certificate: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
