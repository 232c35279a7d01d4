import { fault, isFault } from '@safeguard/kernel';
import { z } from 'zod';
import type { ClientAuthMethod, GrantType } from '../../types.ts';
import type { Content, Fields, GivenFields } from '../types.ts';

const text = z.string().min(1).max(2_000);
const addresses = z.array(z.string().max(500)).max(20);

/** RFC 7591 2, OpenID Connect Dynamic Client Registration 1.0 2. What is not known here is ignored (RFC 7591 2). */
const form = z.object({
  client_name: z.string().min(1).max(100),
  redirect_uris: addresses.optional(),
  post_logout_redirect_uris: addresses.optional(),
  token_endpoint_auth_method: z.string().max(60).optional(),
  grant_types: z.array(z.string().max(100)).max(10).optional(),
  response_types: z.array(z.literal('code')).max(1).optional(),
  application_type: z.enum(['web', 'native']).optional(),
  scope: z.string().max(20_000).optional(),
  contacts: z.array(z.string().min(1).max(254)).max(10).optional(),
  client_uri: text.optional(),
  policy_uri: text.optional(),
  tos_uri: text.optional(),
  initiate_login_uri: text.optional(),
  jwks: z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())) }).optional(),
  jwks_uri: text.optional(),
});

/**
 * What would have this server fetch something, sign less, or believe somebody it does not know: refused by name rather
 * than ignored, so that nobody thinks it holds.
 */
const refused = [
  'request_uris',
  'request_uri',
  'sector_identifier_uri',
  'software_statement',
  'userinfo_encrypted_response_alg',
  'id_token_encrypted_response_alg',
  'request_object_encryption_alg',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
];

export const badMetadata = (told: string, code = 'invalid_client_metadata') =>
  fault('invalid', told, { issues: [{ severity: 'error', code, text: told }] });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export type Metadata = z.output<typeof form>;

/** A JSON object of metadata. Fault `invalid` by RFC 7591's names of errors. */
export function readMetadata(value: unknown): Metadata {
  if (!isRecord(value)) throw badMetadata('The metadata of a client is a JSON object.');
  const named = refused.find((name) => name in value);
  if (named !== undefined) throw badMetadata(`${named} is not supported here.`);
  const result = form.safeParse(value);
  if (result.success) return result.data;
  const at = String(result.error.issues[0]?.path[0] ?? '');
  throw badMetadata(
    at in form.shape ? `${at} is not as RFC 7591 describes it.` : 'The metadata is not as RFC 7591 describes it.',
    at === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata',
  );
}

const hostOf = (uri: string | undefined): string | undefined =>
  uri === undefined ? undefined : URL.parse(uri)?.hostname;
const notSaid = 'Not said: it registered itself.';

/** As an application: what RFC 7591 has no word for, nobody said. */
export const fieldsOfMetadata = (of: Metadata): GivenFields => ({
  name: of.client_name,
  scopes: (of.scope ?? '').split(' ').filter((word) => word !== ''),
  view: 'full',
  auth_method: (of.token_endpoint_auth_method ?? 'client_secret_basic') as ClientAuthMethod,
  grant_types: (of.grant_types ?? ['authorization_code']) as GrantType[],
  redirect_uris: of.redirect_uris ?? [],
  post_logout_redirect_uris: of.post_logout_redirect_uris ?? [],
  launch_uri: of.initiate_login_uri ?? null,
  client_uri: of.client_uri ?? null,
  policy_uri: of.policy_uri ?? null,
  tos_uri: of.tos_uri ?? null,
  jwks: (of.jwks as Fields['jwks']) ?? null,
  jwks_uri: of.jwks_uri ?? null,
  publisher: hostOf(of.client_uri) || notSaid,
  description: notSaid,
  contact: of.contacts?.join(', ').slice(0, 254).trim() || notSaid,
  purpose: notSaid,
  logo: null,
});

/** Back in RFC 7591's words. */
export const metadataOf = (of: Content): Record<string, unknown> => ({
  client_name: of.name,
  redirect_uris: of.redirect_uris,
  post_logout_redirect_uris: of.post_logout_redirect_uris,
  token_endpoint_auth_method: of.auth_method,
  grant_types: of.grant_types,
  response_types: of.grant_types.includes('authorization_code') ? ['code'] : [],
  scope: of.scopes.join(' '),
  ...(of.launch_uri === undefined ? {} : { initiate_login_uri: of.launch_uri }),
  ...(of.client_uri === undefined ? {} : { client_uri: of.client_uri }),
  ...(of.policy_uri === undefined ? {} : { policy_uri: of.policy_uri }),
  ...(of.tos_uri === undefined ? {} : { tos_uri: of.tos_uri }),
  ...(of.jwks === undefined ? {} : { jwks: of.jwks }),
  ...(of.jwks_uri === undefined ? {} : { jwks_uri: of.jwks_uri }),
});

/** An application's faults in RFC 7591's words (3.2.2). */
export async function inRegistrationWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid' || error.issues.length === 0) throw error;
    const [first] = error.issues;
    const isRedirect = error.issues.every(({ at }) => at === 'redirect_uris');
    const code = isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    throw badMetadata(first?.text ?? error.message, code);
  }
}
