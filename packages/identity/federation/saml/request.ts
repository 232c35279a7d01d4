import { randomBytes } from 'node:crypto';
import { SAML } from '@node-saml/node-saml';
import type { SamlSettings } from '../types.ts';
import { samlOptions } from './library.ts';
import type { OwnAddresses } from './own.ts';

/** The address to send the browser to: an AuthnRequest by HTTP-Redirect (SAML bindings 3.4), answered by HTTP-POST. */
export function requestUrl(
  settings: SamlSettings,
  own: OwnAddresses,
  asked: { readonly id: string; readonly relay: string; readonly fresh: boolean },
): Promise<string> {
  const saml = new SAML({ ...samlOptions(settings, own), generateUniqueId: () => asked.id, forceAuthn: asked.fresh });
  return saml.getAuthorizeUrlAsync(asked.relay, undefined, {});
}

/** Our metadata for this provider (SAML metadata 2.4.4): entityID, ACS, the certificate to encrypt for. */
export const metadataXml = (settings: SamlSettings, own: OwnAddresses): string =>
  new SAML({ ...samlOptions(settings, own), wantAssertionsSigned: true }).generateServiceProviderMetadata(
    settings.decryption?.certificate ?? null,
  );

/** A NCName of 128 random bits and more (SAML core 1.3.4). */
export const requestId = (): string => `_${randomBytes(20).toString('hex')}`;
