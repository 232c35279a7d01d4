import { readFileSync } from 'node:fs';
import { SAML } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { decrypt } from 'xml-encryption';
import * as xpath from 'xpath';
import { samlOptions } from '../../federation/saml/library.ts';
import { type Expected, readStatement } from '../../federation/saml/statement.ts';
import { readXml } from '../../federation/saml/xml.ts';
import type { SamlSettings } from '../../federation/types.ts';
import { assertionXml, idpPair, packed, type Said } from './saml-idp.ts';

/**
 * Verifiers with a mistake each: what they take shows that an attack is one, and that the test would see a product that
 * made the mistake.
 */
const parse = (xml: string) => new DOMParser({ errorHandler: () => undefined }).parseFromString(xml, 'text/xml');
const nodes = (path: string, xml: string) => xpath.select(path, parse(xml) as never) as unknown as Element[];
interface Element {
  readonly textContent: string;
  readonly firstChild: { readonly nodeValue: string | null } | null;
}

const names = "//*[local-name(.)='Assertion']/*[local-name(.)='Subject']/*[local-name(.)='NameID']";

function verified(xml: string, prepare: (verifier: SignedXml) => void): boolean {
  const verifier = new SignedXml({ publicCert: idpPair.certificate });
  prepare(verifier);
  const [signature] = nodes("//*[local-name(.)='Signature']", xml);
  if (signature === undefined) return false;
  verifier.loadSignature(signature as never);
  try {
    return verifier.checkSignature(xml);
  } catch {
    return false;
  }
}

/** Some signature in the document holds; whose name is read is another matter. */
export const anywhere = (xml: string, prepare: (verifier: SignedXml) => void = () => undefined): string[] =>
  verified(xml, prepare) ? nodes(names, xml).map(({ textContent }) => textContent) : [];

/** Believes the certificate that the message brings. */
export const believing = (xml: string): string[] =>
  anywhere(xml, (verifier) => {
    verifier.getCertFromKeyInfo = SignedXml.getCertFromKeyInfo;
  });

/** Lets the message choose a symmetric algorithm, with the public certificate as its key. */
export const confused = (xml: string): string[] => anywhere(xml, (verifier) => verifier.enableHMAC());

/** Reads a name up to the first thing in it. */
export const firstText = (xml: string): string[] =>
  verified(xml, () => undefined) ? nodes(names, xml).map(({ firstChild }) => firstChild?.nodeValue ?? '') : [];

/** Asks for no signature. */
export const unchecked = (a: Said, settings: SamlSettings, expected: Expected): string =>
  readStatement(readXml(assertionXml(a)), settings, expected).arrival.subject;

/** Expands entities as XML 1.0 4.4 has it. */
export function expanding(xml: string): string {
  const entities = [...xml.matchAll(/<!ENTITY (\w+) "([^"]*)">/g)].map(([, name = '', value = '']) => [name, value]);
  let text = xml.slice(xml.indexOf(']>') + 2);
  for (const [name = '', value = ''] of entities.reverse()) text = text.replaceAll(`&${name};`, () => value);
  return text;
}

/** Reads the first assertion that stands in the message, whatever is signed. */
export function reading(xml: string, settings: SamlSettings, expected: Expected): string {
  const [assertion = ''] = /<saml:Assertion.*?<\/saml:Assertion>/s.exec(xml) ?? [];
  return readStatement(readXml(assertion), settings, expected).arrival.subject;
}

/** Follows an external entity (XML 1.0 4.4.3). */
export const including = (xml: string): string =>
  xml.replaceAll(/<!ENTITY \w+ SYSTEM "file:\/\/([^"]+)">/g, (_, path: string) => readFileSync(path, 'utf8'));

/** Opens what is encrypted, and reads it: who encrypted it is anybody that has our certificate. */
export async function opening(xml: string, settings: SamlSettings, expected: Expected): Promise<string> {
  const options = { key: settings.decryption?.key ?? '', warnInsecureAlgorithm: false };
  const opened = await new Promise<string>((resolve, reject) => {
    const [data = ''] = /<xenc:EncryptedData.*<\/xenc:EncryptedData>/s.exec(xml) ?? [];
    decrypt(data, options as never, (error: Error | null, text?: string) =>
      error ? reject(error) : resolve(text ?? ''),
    );
  });
  return reading(opened, settings, expected);
}

/** The library as it comes: it decrypts whatever it can. */
export async function openLibrary(xml: string, settings: SamlSettings, own: Expected['own']): Promise<string> {
  const saml = new SAML({ ...samlOptions(settings, own), wantAuthnResponseSigned: false });
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: packed(xml) });
  return profile?.nameID ?? '';
}
