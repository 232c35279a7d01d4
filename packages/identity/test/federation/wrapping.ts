import { assertionXml, responseXml, type Said, signed } from './saml-idp.ts';

const signatureForm = /<ds:Signature[ >].*<\/ds:Signature>/s;
const signatureOf = (xml: string): string => signatureForm.exec(xml)?.[0] ?? '';
const without = (xml: string): string => xml.replace(signatureForm, '');
const inSignature = (signature: string, more: string): string =>
  signature.replace('</ds:Signature>', `${more}</ds:Signature>`);
const afterIssuer = (xml: string, more: string): string => xml.replace('</saml:Issuer>', `</saml:Issuer>${more}`);

/**
 * The eight ways of signature wrapping (Somorovsky et al., "On Breaking SAML", 2012; numbered as SAML Raider does).
 * Each carries a signature of the provider that holds, and an assertion that the provider never made.
 */
export function wrapped(good: Said, evil: Said): Readonly<Record<string, string>> {
  const assertion = signed(assertionXml(good), 'Assertion');
  const signature = signatureOf(assertion);
  const original = without(assertion);
  const bad = assertionXml(evil);
  const response = signed(responseXml(good, assertionXml(good)), 'Response');
  const responseSignature = signatureOf(response);
  const originalResponse = without(response);
  const badResponse = responseXml(evil, bad);
  return {
    'XSW1: response in the signature of another': afterIssuer(
      badResponse,
      inSignature(responseSignature, originalResponse),
    ),
    'XSW2: response beside a detached signature': afterIssuer(badResponse, originalResponse + responseSignature),
    'XSW3: assertion before the signed one': responseXml(good, bad + assertion),
    'XSW4: assertion around the signed one': responseXml(
      good,
      bad.replace('</saml:Assertion>', `${assertion}</saml:Assertion>`),
    ),
    'XSW5: signature moved, the signed one at the end': responseXml(good, afterIssuer(bad, signature) + original),
    'XSW6: the signed one in the moved signature': responseXml(
      good,
      afterIssuer(bad, inSignature(signature, original)),
    ),
    'XSW7: assertion in extensions': responseXml(good, `<samlp:Extensions>${bad}</samlp:Extensions>${assertion}`),
    'XSW8: the signed one in an object of the signature': responseXml(
      good,
      afterIssuer(bad, inSignature(signature, `<ds:Object>${original}</ds:Object>`)),
    ),
  };
}
