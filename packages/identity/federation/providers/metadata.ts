import { fault } from '@safeguard/kernel';
import { childrenOf, is, ns } from '../saml/names.ts';
import { readXml, type XmlElement, XmlRefused } from '../saml/xml.ts';
import type { SamlSettings } from '../types.ts';

const space = 'urn:oasis:names:tc:SAML:2.0:metadata';
const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

const invalid = (text: string, cause?: unknown) =>
  fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'metadata' }], cause });

/** What is left of a comment that does not end, or holds the beginning of one, is refused by the reader. */
const withoutComments = (text: string): string =>
  text
    .split('<!--')
    .map((part, index) => (index === 0 ? part : part.includes('-->') ? part.slice(part.indexOf('-->') + 3) : '<!--'))
    .join('');

/** Comments are common in metadata, and mean nothing there; nothing else is let pass. */
function parsed(text: unknown): XmlElement {
  if (typeof text !== 'string') throw invalid('Metadata is XML.');
  try {
    return readXml(withoutComments(text).trim());
  } catch (error) {
    if (!(error instanceof XmlRefused)) throw error;
    throw invalid('Metadata is plain XML of at most 256 KiB, without DOCTYPE and entities.', error);
  }
}

/** The certificates of the descriptors that are for signing, or for everything. */
const certificatesOf = (descriptor: XmlElement): string[] =>
  childrenOf(descriptor, space, 'KeyDescriptor')
    .filter(({ attributes }) => attributes.get('use') !== 'encryption')
    .flatMap((key) => childrenOf(key, ns.signature, 'KeyInfo'))
    .flatMap((info) => childrenOf(info, ns.signature, 'X509Data'))
    .flatMap((data) => childrenOf(data, ns.signature, 'X509Certificate'))
    .map(({ text }) => text);

/**
 * What a provider's metadata (SAML metadata 2.4.3) says of it. Its signature is not checked: whoever gives it to us has
 * to know where it is from. Fault `invalid`.
 */
export function readMetadata(text: unknown): Pick<SamlSettings, 'entity_id' | 'sso_url' | 'certificates'> {
  const root = parsed(text);
  const entity_id = root.attributes.get('entityID');
  const [descriptor, ...more] = childrenOf(root, space, 'IDPSSODescriptor');
  if (!is(root, space, 'EntityDescriptor') || entity_id === undefined || descriptor === undefined || more.length > 0) {
    throw invalid('Metadata is an EntityDescriptor with one IDPSSODescriptor.');
  }
  const service = childrenOf(descriptor, space, 'SingleSignOnService').find(
    ({ attributes }) => attributes.get('Binding') === redirect,
  );
  const sso_url = service?.attributes.get('Location');
  if (sso_url === undefined) throw invalid('Metadata names no SingleSignOnService with the HTTP-Redirect binding.');
  return { entity_id, sso_url, certificates: [...new Set(certificatesOf(descriptor))] };
}
