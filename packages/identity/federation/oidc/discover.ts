import type { ServerMetadata } from 'openid-client';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import type { SafeFetch } from '../types.ts';

/**
 * Signatures that an ID token may have. Asymmetric alone: with HS256 the client secret, or a public key taken for one,
 * would sign (algorithm confusion); `none` signs nothing.
 */
export const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const https = z
  .string()
  .max(2000)
  .refine((text) => URL.parse(text)?.protocol === 'https:');
const metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: https,
  token_endpoint: https,
  jwks_uri: https,
  userinfo_endpoint: https.optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).default(['RS256']),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

/** The document of an issuer's discovery (OpenID Connect Discovery 1.0 4). `Refusal` `provider did not answer`. */
async function fetched(fetch: SafeFetch, issuer: string): Promise<unknown> {
  try {
    const answer = await fetch(wellKnown(issuer), { method: 'GET', headers: { accept: 'application/json' } });
    if (answer.status === 200) return await answer.json();
  } catch (error) {
    throw new Refusal('provider did not answer', error);
  }
  throw new Refusal('provider did not answer');
}

/**
 * Where the provider's endpoints are and what it signs with. The issuer must be the configured one to the character (a
 * library's leniency towards shared issuers would let in other tenants of the same provider); what is not needed is
 * left out. `Refusal` `issuer`, or `provider did not answer` for a document that is none.
 */
export async function discover(fetch: SafeFetch, issuer: string): Promise<ServerMetadata> {
  const read = metadata.safeParse(await fetched(fetch, issuer));
  if (!read.success) throw new Refusal('provider did not answer');
  if (read.data.issuer !== issuer) throw new Refusal('issuer');
  const signing = read.data.id_token_signing_alg_values_supported.filter((name) => algorithms.includes(name));
  if (signing.length === 0) throw new Refusal('token refused');
  const { userinfo_endpoint, authorization_response_iss_parameter_supported: named, ...rest } = read.data;
  return {
    ...rest,
    id_token_signing_alg_values_supported: signing,
    ...(userinfo_endpoint === undefined ? {} : { userinfo_endpoint }),
    ...(named === undefined ? {} : { authorization_response_iss_parameter_supported: named }),
  };
}
