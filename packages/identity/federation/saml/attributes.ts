import type { ClaimNames } from '../types.ts';
import { childrenOf, ns } from './names.ts';
import type { XmlElement } from './xml.ts';

export type Attributes = ReadonlyMap<string, readonly string[]>;

// As Entra ID, AD FS, Okta, Keycloak, Google and eduPerson (urn:oid) name them.
const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const addressNames = ['email', 'mail', 'urn:oid:0.9.2342.19200300.100.1.3', `${claims}emailaddress`];
const personNames = ['name', 'displayName', 'urn:oid:2.16.840.1.113730.3.1.241', `${claims}name`];
const methodNames = ['amr', 'http://schemas.microsoft.com/claims/authnmethodsreferences'];

/** Attributes by name: the text of their values; values that hold markup are left out. A name twice adds up. */
export function attributesOf(assertion: XmlElement): Attributes {
  const found = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, ns.assertion, 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, ns.assertion, 'Attribute')) {
      const name = attribute.attributes.get('Name') ?? '';
      const values = childrenOf(attribute, ns.assertion, 'AttributeValue')
        .filter(({ children }) => children.length === 0)
        .map(({ text }) => text.trim());
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  }
  return found;
}

/** The value of the first name that has exactly one: of two nobody could say which is meant. */
function single(attributes: Attributes, names: readonly string[]): string | undefined {
  const values = names.map((name) => attributes.get(name)).find((each) => each !== undefined && each.length > 0);
  return values?.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/** The value of an attribute that is there exactly once. */
export const attributeOf = (attributes: Attributes, name: string): string | undefined => single(attributes, [name]);

/** Who it is, by the provider's mapping. `nameAddress`: the NameID where it is an e-mail address. */
export function personOf(mapping: ClaimNames, nameAddress: string | undefined, attributes: Attributes) {
  const address = single(attributes, addressNames) ?? nameAddress;
  const mapped = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : single(attributes, [name]);
  return {
    login: mapping.login === undefined ? address : mapped(mapping.login),
    name: mapping.name === undefined ? single(attributes, personNames) : mapped(mapping.name),
    fhir_user: mapped(mapping.fhir_user),
    subject: mapped(mapping.subject),
    address,
    amr: methodNames.flatMap((name) => attributes.get(name) ?? []),
  };
}
