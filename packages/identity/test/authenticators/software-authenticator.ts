import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

/** CBOR (RFC 8949) of what an authenticator says: integers, byte and text strings, maps. Written out by hand. */
type Cbor = number | string | Buffer | readonly (readonly [number | string, Cbor])[];

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.length), ...value.flatMap(([key, item]) => [cbor(key), cbor(item)])]);
}

/** COSE_Key of a P-256 public key (RFC 9053 7.1.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return cbor([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, 'base64url')],
    [-3, Buffer.from(y, 'base64url')],
  ]);
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
const text = (bytes: Buffer): string => bytes.toString('base64url');

/** What is made differently than an honest authenticator would. */
export interface Tampering {
  readonly challenge?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly signWith?: KeyObject;
  readonly fmt?: string;
  readonly attStmt?: Cbor;
  /** The browser gives the authenticator data apart, too. */
  readonly apart?: boolean;
}

interface Asked {
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
}

/** A passkey in software: ES256, user verification, a counter that goes up (or stays 0, as of synced passkeys). */
export function createSoftwareAuthenticator({ counts = true } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let counter = 0;
  let handle = '';

  const clientData = (type: string, { challenge, origin }: Asked, tampering: Tampering): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: tampering.type ?? type,
        challenge: tampering.challenge ?? challenge,
        origin: tampering.origin ?? origin,
        crossOrigin: tampering.crossOrigin ?? false,
      }),
    );
  const authData = ({ rpId }: Asked, tampering: Tampering, attested: Buffer = Buffer.alloc(0)): Buffer => {
    if (counts) counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(tampering.counter ?? counter);
    const verified = (tampering.userVerified ?? true) ? 0x04 : 0;
    const flags = Buffer.from([0x01 | verified | (attested.length > 0 ? 0x40 : 0)]);
    return Buffer.concat([sha256(tampering.rpId ?? rpId), flags, count, attested]);
  };

  return {
    id: text(id),
    privateKey,
    register(asked: Asked & { readonly userId: string }, tampering: Tampering = {}): RegistrationResponseJSON {
      if (handle === '') handle = asked.userId;
      const size = Buffer.from([0, id.length]);
      const attested = Buffer.concat([Buffer.alloc(16), size, id, coseKey(publicKey)]);
      const data = authData(asked, tampering, attested);
      const attestation = cbor([
        ['fmt', tampering.fmt ?? 'none'],
        ['attStmt', tampering.attStmt ?? []],
        ['authData', data],
      ]);
      const apart = tampering.apart ? { authenticatorData: text(data) } : {};
      const clientDataJSON = text(clientData('webauthn.create', asked, tampering));
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON,
          attestationObject: text(attestation),
          transports: ['internal', 'hybrid'],
          ...apart,
        },
      };
    },
    answer(asked: Asked, tampering: Tampering = {}): AuthenticationResponseJSON {
      const data = clientData('webauthn.get', asked, tampering);
      const authenticator = authData(asked, tampering);
      const signed = Buffer.concat([authenticator, sha256(data)]);
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(data),
          authenticatorData: text(authenticator),
          signature: text(sign('sha256', signed, tampering.signWith ?? privateKey)),
          userHandle: tampering.userHandle ?? handle,
        },
      };
    },
  };
}

export type SoftwareAuthenticator = ReturnType<typeof createSoftwareAuthenticator>;
