import { hash } from 'node:crypto';
import { uuidBytes } from '@safeguard/kernel';
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { SealedPlace } from './sealed.ts';

export interface Expected {
  readonly challenge: string;
  readonly origin: string;
}

/** What of a passkey is sealed. Ids and the public key (COSE) in base64url. */
export type PasskeyBody = {
  readonly credential: string;
  readonly public_key: string;
  readonly transports: readonly string[];
  readonly label: string;
};

export const passkeyPlace = (id: string): SealedPlace => ({ resource: id, version: 1, purpose: 'passkey' });

/** What a credential is found by: its id is random, and chosen by the authenticator. */
export const credentialHash = (id: string): Buffer => hash('sha256', id, 'buffer');

export const relyingParty = (origin: string): { id: string; origin: string } => {
  const url = new URL(origin);
  return { id: url.hostname, origin: url.origin };
};

const expectedOf = ({ challenge, origin }: Expected) => {
  const party = relyingParty(origin);
  return { expectedChallenge: challenge, expectedOrigin: party.origin, expectedRPID: party.id };
};

/** A ceremony in a frame of another site (WebAuthn 3 5.8.1): ours never run there. */
function isCrossOrigin(clientDataJSON: string): boolean {
  const { crossOrigin } = JSON.parse(base64url(clientDataJSON).toString()) as { crossOrigin?: unknown };
  return crossOrigin !== undefined && crossOrigin !== false;
}

/** An attestation object (CBOR, WebAuthn 3 6.5.4) that attests nothing, up to its authenticator data. */
const nothingAttested = Buffer.from('\u00a3cfmtdnonegattStmt\u00a0hauthData', 'latin1');

/**
 * We ask for no attestation and trust none. What an authenticator attests nevertheless is put away before anybody looks
 * at it: checking its certificates would fetch revocation lists from wherever they say. Undefined when that cannot be.
 */
function withoutAttestation({ attestationObject, authenticatorData }: Attested): string | undefined {
  if (base64url(attestationObject).subarray(0, nothingAttested.length).equals(nothingAttested))
    return attestationObject;
  if (authenticatorData === undefined) return undefined;
  const bytes = base64url(authenticatorData);
  const size = Buffer.from([0x59, bytes.length >> 8, bytes.length & 0xff]);
  return bytes.length > 0xffff ? undefined : Buffer.concat([nothingAttested, size, bytes]).toString('base64url');
}
type Attested = RegistrationResponseJSON['response'];

const base64url = (text: string): Buffer => Buffer.from(text, 'base64url');

interface VerifiedRegistration {
  readonly credential: string;
  readonly public_key: string;
  readonly counter: number;
  readonly transports: readonly string[];
}

const transportsOf = (given: unknown): string[] =>
  Array.isArray(given) ? given.filter((name): name is string => /^[a-z-]{1,20}$/.test(String(name))).slice(0, 8) : [];

/** @throws whatever is wrong with it: the text may hold what the caller sent, and goes nowhere */
export async function verifyRegistration(
  expected: Expected,
  response: RegistrationResponseJSON,
): Promise<VerifiedRegistration | undefined> {
  const attestationObject = withoutAttestation(response.response);
  if (attestationObject === undefined || isCrossOrigin(response.response.clientDataJSON)) return undefined;
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...response, response: { ...response.response, attestationObject } },
    ...expectedOf(expected),
    requireUserPresence: true,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...algorithms],
  });
  if (registrationInfo === undefined) return undefined;
  const { id, publicKey, counter } = registrationInfo.credential;
  const transports = transportsOf(response.response.transports);
  return { credential: id, public_key: Buffer.from(publicKey).toString('base64url'), counter, transports };
}

/** EdDSA, ES256, RS256 (IANA COSE): what authenticators have. */
export const algorithms = [-8, -7, -257] as const;

/**
 * The signature counter of a right answer, else undefined. The counter itself is judged where it is stored.
 * @throws whatever is wrong with it: the text may hold what the caller sent, and goes nowhere
 */
export async function verifyAnswer(
  expected: Expected,
  account: string,
  passkey: PasskeyBody,
  response: AuthenticationResponseJSON,
): Promise<number | undefined> {
  const { clientDataJSON, userHandle } = response.response;
  if (isCrossOrigin(clientDataJSON)) return undefined;
  if (userHandle !== undefined && userHandle !== null && userHandle !== userHandleOf(account)) return undefined;
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    ...expectedOf(expected),
    requireUserVerification: true,
    credential: {
      id: passkey.credential,
      publicKey: new Uint8Array(base64url(passkey.public_key)),
      counter: 0,
      transports: [...passkey.transports],
    },
  });
  return verified ? authenticationInfo.newCounter : undefined;
}

/** The bytes of the account's id: random, and telling nothing of the person (WebAuthn 3 14.6.1). */
export const userIdOf = (account: string): Uint8Array<ArrayBuffer> => new Uint8Array(uuidBytes(account));

const userHandleOf = (account: string): string => Buffer.from(userIdOf(account)).toString('base64url');
