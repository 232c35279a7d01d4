import type { XmlElement } from './xml.ts';

/** Namespaces and identifiers of SAML 2.0 and XML Signature and Encryption. */
export const ns = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
} as const;

export const nameIds = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  address: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
} as const;

export const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
export const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';

export const is = (element: XmlElement, space: string, name: string): boolean =>
  element.space === space && element.name === name;

/** The children of one name. */
export const childrenOf = (parent: XmlElement, space: string, name: string): XmlElement[] =>
  parent.children.filter((child) => is(child, space, name));

/** A subject as it is kept: the format or the attribute's name is part of it, so that one never reads as the other. */
export const subjectText = (parts: readonly string[]): string => JSON.stringify(parts);
