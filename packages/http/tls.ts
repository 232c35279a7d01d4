import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';

export interface KeyPair {
  /** PEM. */
  readonly key: string;
  /** PEM: the server's certificate, then the rest of its chain. */
  readonly cert: string;
}

/** Where a server's certificate comes from: the local authority, or the operator's own files. */
export interface Credentials {
  current(): KeyPair;
  /** Makes or reads a new pair where the present one is due. True when `current` changed. */
  renew(): Promise<boolean>;
}

/**
 * Forward secrecy and authenticated encryption only (NIST SP 800-52r2 3.3.1, RFC 9325 4.2): what 45 CFR 164.312(e)
 * asks of a transmission.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

export const tlsOptions = ({ key, cert }: KeyPair, handshake_ms: number): TlsOptions => ({
  key,
  cert,
  minVersion: 'TLSv1.2',
  ciphers,
  honorCipherOrder: true,
  ALPNProtocols: ['http/1.1'],
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  handshakeTimeout: handshake_ms,
});
