import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { isoCBOR } from '@simplewebauthn/server/helpers';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
/** User present, user verified. */
const flags = { answer: 0x05, registration: 0x45 };

/** An authenticator in software (WebAuthn 3, 6.1 and 6.5.1): ES256, user verification, no attestation, no counter. */
export function softPasskey(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  const party = hash('sha256', new URL(origin).hostname, 'buffer');
  let user = '';
  const client = (type: string, challenge: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const cose = new Map<number, number | Uint8Array>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
    [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
  ]);
  return {
    register(options: PublicKeyCredentialCreationOptionsJSON): RegistrationResponseJSON {
      user = options.user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const head = [party, Buffer.from([flags.registration]), Buffer.alloc(4)];
      const authData = Buffer.concat([...head, Buffer.alloc(16), length, id, Buffer.from(isoCBOR.encode(cose))]);
      const attestation = isoCBOR.encode(
        new Map<string, string | Map<never, never> | Uint8Array>([
          ['fmt', 'none'],
          ['attStmt', new Map<never, never>()],
          ['authData', new Uint8Array(authData)],
        ]),
      );
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(client('webauthn.create', options.challenge)),
          attestationObject: text(attestation),
          transports: ['internal'],
        },
      };
    },
    answer({ challenge }: Pick<PublicKeyCredentialRequestOptionsJSON, 'challenge'>): AuthenticationResponseJSON {
      const authenticatorData = Buffer.concat([party, Buffer.from([flags.answer]), Buffer.alloc(4)]);
      const clientData = client('webauthn.get', challenge);
      const signed = Buffer.concat([authenticatorData, hash('sha256', clientData, 'buffer')]);
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(clientData),
          authenticatorData: text(authenticatorData),
          signature: text(sign('sha256', signed, privateKey)),
          userHandle: user,
        },
      };
    },
  };
}
