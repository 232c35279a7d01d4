import { SAML, type SamlConfig, ValidateInResponseTo } from '@node-saml/node-saml';
import { Refusal } from '../refusal.ts';
import type { SamlSettings } from '../types.ts';
import { nameIds } from './names.ts';
import type { OwnAddresses } from './own.ts';
import type { Shape } from './shape.ts';

/**
 * node-saml with its doors shut. It makes requests and metadata, decrypts and checks signatures. Times, audience,
 * recipient and the request that was answered are checked by us on the signed bytes (`statement.ts`): the library
 * checks times against the system's clock, and several of the others only where they happen to be given.
 */
export const samlOptions = (settings: SamlSettings, own: OwnAddresses): SamlConfig => ({
  issuer: own.entity_id,
  callbackUrl: own.acs,
  audience: false,
  entryPoint: settings.sso_url,
  idpIssuer: settings.entity_id,
  // These and no other: what stands in a message's KeyInfo is not looked at.
  idpCert: [...settings.certificates],
  ...(settings.decryption === undefined ? {} : { decryptionPvk: settings.decryption.key }),
  identifierFormat: nameIds.persistent,
  allowCreate: true,
  disableRequestedAuthnContext: true,
  // A row in the database does it, once for all replicas.
  validateInResponseTo: ValidateInResponseTo.never,
  acceptedClockSkewMs: -1,
  signatureAlgorithm: 'sha256',
  digestAlgorithm: 'sha256',
});

/**
 * The bytes of the assertion that a signature of the provider covers, canonical: nothing else of the message may be
 * read. A signature on the Response covers the assertion in it. Throws `Refusal`.
 */
export async function signedAssertion(
  settings: SamlSettings,
  own: OwnAddresses,
  document: string,
  shape: Pick<Shape, 'assertionSigned' | 'responseSigned'>,
): Promise<string> {
  const saml = new SAML({
    ...samlOptions(settings, own),
    // Each signature that is there must hold, and one must be there.
    wantAuthnResponseSigned: shape.responseSigned,
    wantAssertionsSigned: shape.assertionSigned || !shape.responseSigned,
  });
  try {
    const { profile } = await saml.validatePostResponseAsync({
      SAMLResponse: Buffer.from(document, 'utf8').toString('base64'),
    });
    const xml = profile?.getAssertionXml?.();
    if (typeof xml === 'string') return xml;
  } catch (error) {
    throw new Refusal('signature', error);
  }
  throw new Refusal('signature');
}
