import {
  type Attribute,
  enterpriseSchema,
  enterpriseUser,
  group,
  groupSchema,
  type Schema,
  user,
  userSchema,
} from './attributes.ts';
import type { Resource } from './match.ts';

export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
/** The most that one answer lists. */
export const mostListed = 100;

/** RFC 7644 3.4.2. `startIndex` counts from 1. */
export const listResponse = (resources: readonly Resource[], total: number, startIndex = 1): Resource => ({
  schemas: [listSchema],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** RFC 7643 5. */
export const serviceProviderConfig = (base: string): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: mostListed },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'OAuth 2 bearer token',
      description: 'An access token with the scope safeguard/scim.',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
});

const resourceType = (base: string, { name, id, description }: Schema, extensions: readonly string[]): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: name,
  name,
  endpoint: `/${name}s`,
  description,
  schema: id,
  schemaExtensions: extensions.map((schema) => ({ schema, required: false })),
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
});

/** RFC 7643 6, by their ids. */
export const resourceTypes = (base: string): ReadonlyMap<string, Resource> =>
  new Map([
    ['User', resourceType(base, user, [enterpriseSchema])],
    ['Group', resourceType(base, group, [])],
  ]);

/** Every characteristic is said, also where it is the default (RFC 7643 7). */
const attribute = (one: Attribute): Resource => ({
  name: one.name,
  type: one.type,
  multiValued: one.multiValued ?? false,
  description: one.description,
  required: one.required ?? false,
  caseExact: one.caseExact ?? false,
  mutability: one.mutability ?? 'readWrite',
  returned: one.returned ?? 'default',
  uniqueness: one.uniqueness ?? 'none',
  ...(one.type === 'reference' ? { referenceTypes: ['uri'] } : {}),
  ...(one.subAttributes === undefined ? {} : { subAttributes: one.subAttributes.map(attribute) }),
});

const schema = (base: string, { id, name, description, attributes }: Schema): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  description,
  attributes: attributes.map(attribute),
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
});

/** RFC 7643 7, by their ids. */
export const schemas = (base: string): ReadonlyMap<string, Resource> =>
  new Map([
    [userSchema, schema(base, user)],
    [enterpriseSchema, schema(base, enterpriseUser)],
    [groupSchema, schema(base, group)],
  ]);
