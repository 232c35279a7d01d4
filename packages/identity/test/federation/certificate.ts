import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Just enough of DER (X.690) for a self-signed certificate: what an identity provider publishes. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, ...parts);
const sha256WithRsa = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));
const commonName = (name: string): Buffer =>
  sequence(tlv(0x31, sequence(Buffer.from('0603550403', 'hex'), tlv(0x0c, Buffer.from(name)))));
const time = (text: string): Buffer => tlv(0x17, Buffer.from(text));

export interface Pair {
  readonly key: string;
  readonly certificate: string;
}

/** A key with its own certificate, both PEM. */
export function newPair(name: string, bits = 2048): Pair {
  const pair = generateKeyPairSync('rsa', { modulusLength: bits });
  const subject = commonName(name);
  const body = sequence(
    tlv(0x02, Buffer.from('01', 'hex')),
    sha256WithRsa,
    subject,
    sequence(time('200101000000Z'), time('491231235959Z')),
    subject,
    (pair.publicKey as KeyObject).export({ type: 'spki', format: 'der' }),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', body, pair.privateKey));
  const der = sequence(body, sha256WithRsa, signature);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
