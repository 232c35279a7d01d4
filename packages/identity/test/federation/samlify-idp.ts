import { randomBytes } from 'node:crypto';
import * as samlify from 'samlify';
import { entityId, idpPair } from './saml-idp.ts';

// samlify wants a schema validator of its own; what is tested here is our side.
samlify.setSchemaValidator({ validate: () => Promise.resolve('not validated') });

const { binding, format } = samlify.Constants.namespace as never as {
  binding: { redirect: string };
  format: { persistent: string };
};
const id = (): string => `_${randomBytes(16).toString('hex')}`;
const statement = (at: string): string =>
  `<saml:AuthnStatement AuthnInstant="${at}"><saml:AuthnContext>` +
  '<saml:AuthnContextClassRef>https://refeds.org/profile/mfa</saml:AuthnContextClassRef>' +
  '</saml:AuthnContext></saml:AuthnStatement>';

interface User {
  readonly id: string;
  readonly email: string;
}

/** An identity provider from npm: reads our metadata and our request, and answers in its own way. */
export function createSamlify(metadata: string, encrypt: boolean) {
  const idp = samlify.IdentityProvider({
    entityID: entityId,
    privateKey: idpPair.key,
    signingCert: idpPair.certificate,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    isAssertionEncrypted: encrypt,
    dataEncryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
    keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    nameIDFormat: [format.persistent],
    singleSignOnService: [{ Binding: binding.redirect, Location: 'https://idp.example/sso' }],
    loginResponseTemplate: {
      context: samlify.SamlLib.defaultLoginResponseTemplate.context,
      attributes: [
        {
          name: 'email',
          valueTag: 'user.email',
          nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
          valueXsiType: 'xs:string',
        },
      ],
    },
  } as never);
  const sp = samlify.ServiceProvider({ metadata });
  /** The form that the provider makes the browser post. */
  return async (address: string, user: User): Promise<{ acs: string; form: Record<string, string> }> => {
    const url = new URL(address);
    const query = Object.fromEntries(url.searchParams);
    const { extract } = (await idp.parseLoginRequest(sp, 'redirect', { query })) as never as {
      extract: { request: { id: string } };
    };
    const acs = String(sp.entityMeta.getAssertionConsumerService('post'));
    const now = new Date().toISOString();
    const soon = new Date(Date.now() + 300_000).toISOString();
    const responseId = id();
    const values = {
      ID: responseId,
      AssertionID: id(),
      Destination: acs,
      Audience: sp.entityMeta.getEntityID(),
      EntityID: sp.entityMeta.getEntityID(),
      SubjectRecipient: acs,
      Issuer: entityId,
      IssueInstant: now,
      AssertionConsumerServiceURL: acs,
      StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
      ConditionsNotBefore: now,
      ConditionsNotOnOrAfter: soon,
      SubjectConfirmationDataNotOnOrAfter: soon,
      NameIDFormat: format.persistent,
      NameID: user.id,
      InResponseTo: extract.request.id,
      AuthnStatement: 'AUTHN',
      attrUserEmail: user.email,
    };
    const made = await idp.createLoginResponse(sp, { extract } as never, 'post', user as never, (template: string) => ({
      id: responseId,
      context: samlify.SamlLib.replaceTagsByValue(template, values).replace('AUTHN', statement(now)),
    }));
    const { context } = made as { context: string };
    return { acs, form: { SAMLResponse: context, RelayState: query['RelayState'] ?? '' } };
  };
}
