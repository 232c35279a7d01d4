import { randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import type { NewProvider } from '../../federation/types.ts';
import { newPair, type Pair } from './certificate.ts';

/** An identity provider by hand, on xml-crypto: what it says can be bent at every joint. */
export const idpPair = newPair('idp.example');
export const strangerPair = newPair('stranger.example');
export const entityId = 'https://idp.example/saml';

const id = (): string => `_${randomBytes(16).toString('hex')}`;
const iso = (at: number): string => new Date(at).toISOString();

export const samlProvider = (more: object = {}): NewProvider =>
  ({
    kind: 'saml',
    label: 'Clinic SSO',
    entity_id: entityId,
    sso_url: 'https://idp.example/sso',
    certificates: [idpPair.certificate],
    accounts: 'provisioned',
    ...more,
  }) as NewProvider;

/** What our AuthnRequest said, as a provider reads it. */
export function readRequest(address: string) {
  const url = new URL(address);
  const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString('utf8');
  const attribute = (name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? '';
  return {
    xml,
    relay: url.searchParams.get('RelayState') ?? '',
    request: attribute('ID'),
    acs: attribute('AssertionConsumerServiceURL'),
    audience: /Issuer[^>]*>([^<]*)</.exec(xml)?.[1] ?? '',
    forced: attribute('ForceAuthn') === 'true',
  };
}
export type Request = ReturnType<typeof readRequest>;

export interface Said {
  readonly at: number;
  readonly assertionId: string;
  readonly responseId: string;
  readonly nameId: string;
  readonly format: string;
  readonly attributes: string;
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  readonly destination: string;
  readonly inResponseTo: string;
  readonly subjectInResponseTo: string;
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  readonly authnInstant: number;
  readonly acr: string;
  readonly conditions: string;
  readonly advice: string;
  readonly status: string;
}

export const said = (request: Request, more: Partial<Said> = {}): Said => {
  const at = more.at ?? Date.now();
  return {
    at,
    assertionId: id(),
    responseId: id(),
    nameId: 'u-4711',
    format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    attributes: attribute('email', 'ada@clinic.example') + attribute('displayName', 'Ada L.'),
    issuer: entityId,
    audience: request.audience,
    recipient: request.acs,
    destination: request.acs,
    inResponseTo: request.request,
    subjectInResponseTo: more.inResponseTo ?? request.request,
    notBefore: at - 1_000,
    notOnOrAfter: at + 300_000,
    authnInstant: at,
    acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    conditions: '',
    advice: '',
    status: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    ...more,
  };
};

export const attribute = (name: string, ...values: string[]): string =>
  `<saml:Attribute Name="${name}">${values
    .map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`)
    .join('')}</saml:Attribute>`;

const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

export const assertionXml = (a: Said): string =>
  `<saml:Assertion ${saml} ID="${a.assertionId}" IssueInstant="${iso(a.at)}" Version="2.0">` +
  `<saml:Issuer>${a.issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${a.format}">${a.nameId}</saml:NameID>` +
  '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData ' +
  `InResponseTo="${a.subjectInResponseTo}" NotOnOrAfter="${iso(a.notOnOrAfter)}" Recipient="${a.recipient}"/>` +
  `</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${iso(a.notBefore)}" ` +
  `NotOnOrAfter="${iso(a.notOnOrAfter)}"><saml:AudienceRestriction><saml:Audience>${a.audience}</saml:Audience>` +
  `</saml:AudienceRestriction>${a.conditions}</saml:Conditions>${a.advice}` +
  `<saml:AuthnStatement AuthnInstant="${iso(a.authnInstant)}" SessionIndex="s1"><saml:AuthnContext>` +
  `<saml:AuthnContextClassRef>${a.acr}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
  `<saml:AttributeStatement>${a.attributes}</saml:AttributeStatement></saml:Assertion>`;

export const responseXml = (a: Said, assertion: string): string =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ${saml} ID="${a.responseId}" Version="2.0" ` +
  `IssueInstant="${iso(a.at)}" Destination="${a.destination}" InResponseTo="${a.inResponseTo}">` +
  `<saml:Issuer>${a.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${a.status}"/></samlp:Status>` +
  `${assertion}</samlp:Response>`;

export interface SignOptions {
  readonly pair?: Pair;
  readonly signature?: string;
  readonly digest?: string;
  readonly transforms?: readonly string[];
  readonly canonical?: string;
}

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** Signs the element of that local name, the signature after its Issuer. */
export function signed(xml: string, element: 'Assertion' | 'Response', options: SignOptions = {}): string {
  const { pair = idpPair } = options;
  const path = `//*[local-name(.)='${element}']`;
  const signer = new SignedXml({ privateKey: pair.key, publicCert: pair.certificate });
  signer.signatureAlgorithm = (options.signature ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256') as never;
  signer.canonicalizationAlgorithm = (options.canonical ?? exclusive) as never;
  signer.addReference({
    xpath: path,
    digestAlgorithm: options.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: [...(options.transforms ?? ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusive])],
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

/** A response as a well-behaved provider sends it. */
export const goodResponse = (a: Said, options: SignOptions = {}): string =>
  responseXml(a, signed(assertionXml(a), 'Assertion', options));

export const packed = (xml: string): string => Buffer.from(xml, 'utf8').toString('base64');
