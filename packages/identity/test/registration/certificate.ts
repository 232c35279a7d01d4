import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';

/** Just enough of DER (X.690) to issue certificates as a community's authority does, and as it never should. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
const yes = tlv(0x01, Buffer.from([0xff]));
const small = (value: number): Buffer => tlv(0x02, Buffer.from([value]));
const commonName = (name: string): Buffer => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(name)))));
const time = (at: number): Buffer =>
  tlv(0x18, Buffer.from(`${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`));
const extension = (name: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(name), ...(critical ? [yes] : []), tlv(0x04, value));

const algorithms = {
  rsa: { identifier: sequence(oid('2a864886f70d01010b'), Buffer.from('0500', 'hex')), hash: 'sha256' },
  weak: { identifier: sequence(oid('2a864886f70d010105'), Buffer.from('0500', 'hex')), hash: 'sha1' },
  ec: { identifier: sequence(oid('2a8648ce3d040303')), hash: 'sha384' },
};

export interface Issued {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly certificate: X509Certificate;
  /** As `x5c` has it. */
  readonly x5c: string;
  readonly pem: string;
}

export interface Wish {
  readonly name: string;
  /** Absent: signs itself. */
  readonly issuer?: Issued;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly uris?: readonly string[];
  readonly from?: number;
  readonly until?: number;
  /** The bits of keyUsage's first octet: 0x80 digitalSignature, 0x04 keyCertSign. */
  readonly usage?: number;
  readonly unknownCritical?: boolean;
  readonly sha1?: boolean;
  readonly kind?: 'rsa' | 'ec';
  readonly bits?: number;
}

const day_ms = 86_400_000;

function extensionsOf(wish: Wish): Buffer {
  const { ca = false, pathLength, uris = [], usage = ca ? 0x04 : 0x80, unknownCritical = false } = wish;
  const path = pathLength === undefined ? [] : [small(pathLength)];
  return sequence(
    ...(ca ? [extension('551d13', true, sequence(yes, ...path))] : []),
    extension('551d0f', true, tlv(0x03, Buffer.from([0, usage]))),
    ...(uris.length === 0
      ? []
      : [extension('551d11', false, sequence(...uris.map((uri) => tlv(0x86, Buffer.from(uri)))))]),
    ...(unknownCritical ? [extension('2a030405', true, sequence())] : []),
  );
}

export function issue(wish: Wish): Issued {
  const { name, issuer, kind = 'rsa', bits = 2048 } = wish;
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const signer = issuer?.privateKey ?? pair.privateKey;
  const { identifier, hash } =
    signer.asymmetricKeyType === 'ec' ? algorithms.ec : wish.sha1 === true ? algorithms.weak : algorithms.rsa;
  const now = Date.now();
  const body = sequence(
    tlv(0xa0, small(2)),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    identifier,
    commonName(issuer?.name ?? name),
    sequence(time(wish.from ?? now - day_ms), time(wish.until ?? now + 365 * day_ms)),
    commonName(name),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensionsOf(wish)),
  );
  const der = sequence(body, identifier, tlv(0x03, Buffer.from([0]), sign(hash, body, signer)));
  const certificate = new X509Certificate(der);
  return { name, privateKey: pair.privateKey, certificate, x5c: der.toString('base64'), pem: certificate.toString() };
}
