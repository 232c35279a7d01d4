import { Refusal } from '../refusal.ts';
import { childrenOf, is, ns } from './names.ts';
import { elementsOf, type XmlElement } from './xml.ts';

const malformed = (): never => {
  throw new Refusal('answer malformed');
};

const unsigned = (): never => {
  throw new Refusal('signature');
};

/** The one child of that name; else the answer is refused. */
export function only(parent: XmlElement, space: string, name: string): XmlElement {
  const found = childrenOf(parent, space, name);
  return found.length === 1 && found[0] !== undefined ? found[0] : malformed();
}

/** The one child of that name or none; two are refused. */
export function atMostOne(parent: XmlElement, space: string, name: string): XmlElement | undefined {
  const found = childrenOf(parent, space, name);
  return found.length > 1 ? malformed() : found[0];
}

type Expected = readonly (readonly [space: string, name: string])[];

/** Nothing but these stands in an element. */
export function onlyThese(parent: XmlElement, expected: Expected): void {
  if (!parent.children.every((child) => expected.some(([space, name]) => is(child, space, name)))) malformed();
}

// Not SHA-1 (broken since 2017), not HMAC (a certificate is no secret: algorithm confusion), not what is unknown.
const signatures = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]);
const digests = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']);
const enveloped = `${ns.signature}enveloped-signature`;

const algorithm = (element: XmlElement): string => element.attributes.get('Algorithm') ?? '';

function checkTransforms(reference: XmlElement): void {
  const list = only(reference, ns.signature, 'Transforms');
  onlyThese(list, [[ns.signature, 'Transform']]);
  const found = list.children.map(algorithm);
  // No XPath, no XSLT, no base64: what is signed is the element itself.
  if (found.join(' ') !== `${enveloped} ${ns.exclusive}`) unsigned();
  for (const transform of list.children) onlyThese(transform, [[ns.exclusive, 'InclusiveNamespaces']]);
}

function checkReference(signedInfo: XmlElement, signed: XmlElement): void {
  const reference = only(signedInfo, ns.signature, 'Reference');
  onlyThese(reference, [
    [ns.signature, 'Transforms'],
    [ns.signature, 'DigestMethod'],
    [ns.signature, 'DigestValue'],
  ]);
  // The signature covers the element in which it stands, by its id: never the whole document by '', never another one.
  if (reference.attributes.get('URI') !== `#${signed.attributes.get('ID')}`) unsigned();
  checkTransforms(reference);
  if (!digests.has(algorithm(only(reference, ns.signature, 'DigestMethod')))) unsigned();
  only(reference, ns.signature, 'DigestValue');
}

/** A signature as it may stand in `signed`: one reference, to that element, with algorithms of ours. */
function checkSignature(signature: XmlElement, signed: XmlElement): void {
  // No Object: it is where wrapping hides the element that was signed.
  onlyThese(signature, [
    [ns.signature, 'SignedInfo'],
    [ns.signature, 'SignatureValue'],
    [ns.signature, 'KeyInfo'],
  ]);
  const info = only(signature, ns.signature, 'SignedInfo');
  onlyThese(info, [
    [ns.signature, 'CanonicalizationMethod'],
    [ns.signature, 'SignatureMethod'],
    [ns.signature, 'Reference'],
  ]);
  if (algorithm(only(info, ns.signature, 'CanonicalizationMethod')) !== ns.exclusive) unsigned();
  if (!signatures.has(algorithm(only(info, ns.signature, 'SignatureMethod')))) unsigned();
  only(signature, ns.signature, 'SignatureValue');
  checkReference(info, signed);
}

function checkIds(root: XmlElement): void {
  const seen = new Set<string>();
  for (const element of elementsOf(root)) {
    for (const [name, value] of element.attributes) {
      if (!/(^|\})(id|assertionid)$/i.test(name)) continue;
      if (seen.has(value)) unsigned();
      seen.add(value);
    }
  }
}

const idForm = /^[A-Za-z_][\w.-]{7,199}$/;

function signatureIn(element: XmlElement): boolean {
  if (!idForm.test(element.attributes.get('ID') ?? '')) malformed();
  const signature = atMostOne(element, ns.signature, 'Signature');
  if (signature !== undefined) checkSignature(signature, element);
  return signature !== undefined;
}

// OAEP and GCM alone: with PKCS#1 v1.5 or CBC the answers to changed messages would decrypt them (Bleichenbacher,
// Vaudenay).
const keyWrapping = new Set([`${ns.encryption}rsa-oaep-mgf1p`]);
const ciphers = new Set(['aes128-gcm', 'aes256-gcm'].map((name) => `http://www.w3.org/2009/xmlenc11#${name}`));

function checkEncryption(encrypted: XmlElement): void {
  onlyThese(encrypted, [[ns.encryption, 'EncryptedData']]);
  const data = only(encrypted, ns.encryption, 'EncryptedData');
  if (!ciphers.has(algorithm(only(data, ns.encryption, 'EncryptionMethod')))) malformed();
  only(only(data, ns.encryption, 'CipherData'), ns.encryption, 'CipherValue');
  const keys = [...elementsOf(encrypted)].filter(({ name }) => name === 'EncryptedKey');
  const key = keys[0] ?? malformed();
  if (keys.length !== 1 || key.space !== ns.encryption) malformed();
  if (!keyWrapping.has(algorithm(only(key, ns.encryption, 'EncryptionMethod')))) malformed();
}

/** What carries the assertion, and which of the two elements has a signature of its own. */
export interface Shape {
  readonly response: XmlElement;
  readonly assertion: XmlElement | undefined;
  readonly encrypted: boolean;
  readonly responseSigned: boolean;
  readonly assertionSigned: boolean;
}

/**
 * The shape of an assertion: nothing in it but what is read, and no assertion or response inside (`Advice` could hold
 * one). True when it has a signature.
 */
export function checkAssertion(assertion: XmlElement): boolean {
  const hidden = [...elementsOf(assertion)].slice(1);
  if (hidden.some(({ name }) => /^(Encrypted)?Assertion$|^Response$|^EncryptedID$/.test(name))) malformed();
  onlyThese(assertion, [
    [ns.assertion, 'Issuer'],
    [ns.signature, 'Signature'],
    [ns.assertion, 'Subject'],
    [ns.assertion, 'Conditions'],
    [ns.assertion, 'AuthnStatement'],
    [ns.assertion, 'AttributeStatement'],
  ]);
  if (assertion.attributes.get('Version') !== '2.0') malformed();
  return signatureIn(assertion);
}

/**
 * The shape that an answer has: a Response with a Status and one assertion, signatures as children of what they sign
 * and nowhere else, each id once. Signature wrapping needs a second assertion, a second id, or a signature in another
 * place: here is none. Throws `Refusal`.
 */
export function checkResponse(response: XmlElement): Shape {
  if (!is(response, ns.protocol, 'Response') || response.attributes.get('Version') !== '2.0') malformed();
  onlyThese(response, [
    [ns.assertion, 'Issuer'],
    [ns.signature, 'Signature'],
    [ns.protocol, 'Status'],
    [ns.assertion, 'Assertion'],
    [ns.assertion, 'EncryptedAssertion'],
  ]);
  checkIds(response);
  const all = [...elementsOf(response)];
  if (all.filter(({ name }) => /^(Encrypted)?Assertion$/.test(name)).length > 1) unsigned();
  const responseSigned = signatureIn(response);
  const assertion = atMostOne(response, ns.assertion, 'Assertion');
  const encrypted = atMostOne(response, ns.assertion, 'EncryptedAssertion');
  const assertionSigned = assertion !== undefined && checkAssertion(assertion);
  if (encrypted !== undefined) checkEncryption(encrypted);
  const expected = Number(responseSigned) + Number(assertionSigned);
  if (all.filter(({ name }) => name === 'Signature').length !== expected) unsigned();
  return { response, assertion, encrypted: encrypted !== undefined, responseSigned, assertionSigned };
}
