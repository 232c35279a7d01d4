import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import * as xpath from 'xpath';
import { type Expected, readStatement } from '../../federation/saml/statement.ts';
import { readXml } from '../../federation/saml/xml.ts';
import type { SamlSettings } from '../../federation/types.ts';
import { assertionXml, idpPair, type Said } from './saml-idp.ts';

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
