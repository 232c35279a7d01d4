import { must, Refusal } from '../refusal.ts';
import type { SamlSettings } from '../types.ts';
import { signedAssertion } from './library.ts';
import { is, ns, success } from './names.ts';
import { atMostOne, checkAssertion, checkResponse, only } from './shape.ts';
import { type Expected, readStatement, type Statement } from './statement.ts';
import { readXml, type XmlElement, xmlLimits } from './xml.ts';

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The document of a `SAMLResponse` field: base64 of UTF-8, and nothing that has to be guessed. */
export function decoded(field: string): string {
  const packed = field.replace(/[\r\n\t ]/g, '');
  must(packed.length <= (xmlLimits.length / 3) * 4 + 4 && base64.test(packed), 'answer malformed');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(packed, 'base64'));
  } catch (error) {
    throw new Refusal('answer malformed', error);
  }
}

function read(document: string): XmlElement {
  try {
    return readXml(document);
  } catch (error) {
    throw new Refusal('answer malformed', error);
  }
}

/** What the Response says of itself; it may be unsigned, and what counts is asked of the assertion again. */
function checkEnvelope(response: XmlElement, settings: SamlSettings, { own, request }: Expected): void {
  const issuer = atMostOne(response, ns.assertion, 'Issuer');
  must(issuer === undefined || issuer.text.trim() === settings.entity_id, 'issuer');
  must(response.attributes.get('Destination') === own.acs, 'recipient');
  must(response.attributes.get('InResponseTo') === request, 'not in answer to our request');
  const status = only(only(response, ns.protocol, 'Status'), ns.protocol, 'StatusCode');
  must(status.attributes.get('Value') === success, 'provider refused');
}

/**
 * From the posted field to a statement. First our own strict reader and the shape (`xml.ts`, `shape.ts`), then the
 * library on the same text, then our reader again on the bytes that the signature covers and on nothing else.
 */
export async function verifyResponse(field: string, settings: SamlSettings, expected: Expected): Promise<Statement> {
  const document = decoded(field);
  const shape = checkResponse(read(document));
  checkEnvelope(shape.response, settings, expected);
  must(shape.assertion !== undefined || shape.encrypted, 'answer malformed');
  must(!shape.encrypted || settings.decryption !== undefined, 'answer malformed');
  const signed = read(await signedAssertion(settings, expected.own, document, shape));
  must(is(signed, ns.assertion, 'Assertion'), 'signature');
  checkAssertion(signed);
  const outer = shape.assertion?.attributes.get('ID');
  must(outer === undefined || outer === signed.attributes.get('ID'), 'signature');
  return readStatement(signed, settings, expected);
}
