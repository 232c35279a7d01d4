import { z } from 'zod';
import { badMetadata, type Metadata } from '../dynamic/metadata.ts';
import type { Fields, GivenFields } from '../types.ts';
import type { Statement } from './statement.ts';

const addresses = z.array(z.string().max(500)).max(20);

/** UDAP Security IG 1.0, 3.1: the claims beside those of the JWT itself. An address of a logo is not fetched. */
const form = z.object({
  client_name: z.string().min(1).max(100),
  redirect_uris: addresses.optional(),
  contacts: z.array(z.string().min(1).max(254)).min(1).max(10),
  grant_types: z.array(z.enum(['authorization_code', 'refresh_token', 'client_credentials'])).max(3),
  response_types: z.array(z.literal('code')).max(1).optional(),
  token_endpoint_auth_method: z.literal('private_key_jwt'),
  scope: z.string().max(20_000),
});

export type Claims = z.output<typeof form>;

/** Fault `invalid` (`invalid_client_metadata`). Without grant types it is a cancellation (IG 3.4). */
export function readClaims({ claims }: Pick<Statement, 'claims'>): Claims {
  const result = form.safeParse(claims);
  if (!result.success) {
    const at = String(result.error.issues[0]?.path[0] ?? '');
    throw badMetadata(
      at in form.shape ? `${at} is not as UDAP describes it.` : 'The claims are not as UDAP describes.',
    );
  }
  const { grant_types, response_types, redirect_uris } = result.data;
  const codes = grant_types.includes('authorization_code');
  if (codes && grant_types.includes('client_credentials')) {
    throw badMetadata('grant_types are of an authorization code or of client credentials, not of both.');
  }
  if (codes && (response_types?.length !== 1 || redirect_uris === undefined)) {
    throw badMetadata('redirect_uris and response_types are required with authorization_code.');
  }
  return result.data;
}

const registered = 'Registered by a member of a UDAP community.';

/** As an application: the member is its publisher, its key the certificate's. */
export const fieldsOfStatement = (claims: Claims, { member, key }: Statement): GivenFields => ({
  name: claims.client_name,
  scopes: claims.scope.split(' ').filter((word) => word !== ''),
  view: 'full',
  auth_method: 'private_key_jwt',
  grant_types: claims.grant_types,
  redirect_uris: claims.redirect_uris ?? [],
  post_logout_redirect_uris: [],
  jwks: { keys: [key] } as unknown as Fields['jwks'],
  publisher: member.slice(0, 200),
  description: registered,
  contact: claims.contacts.join(', ').slice(0, 254).trim(),
  purpose: registered,
});

export type { Metadata };
