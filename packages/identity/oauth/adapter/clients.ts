import { randomBytes } from 'node:crypto';
import { type Clock, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { AdapterPayload } from 'oidc-provider';
import { liveKeys } from '../../registration/proofs.ts';
import { platform } from '../../tenants.ts';
import type { PublicKeys, View } from '../../types.ts';

/** What of a client oidc-provider does not know; stands on its Client as `safeguard`. */
export type OwnMetadata = {
  readonly tenant: number;
  readonly scopes: readonly string[];
  readonly view: View;
  readonly patient: string | null;
  /** Valid secrets, two at most: the id and the SHA-256 in hexadecimal. */
  readonly secrets: readonly { readonly id: string; readonly hash: string }[];
  readonly token_lifetime_s: number | null;
  readonly refresh_lifetime_s: number | null;
};

/** A revoked client and one that is not approved yet are none. */
const select = {
  name: 'identity.client.oauth',
  text: `select c.id, c.tenant, c.name, c.scopes, c.view, c.patient, c.auth_method, c.auth_alg, c.certificate,
      c.grant_types, c.redirect_uris, c.post_logout_redirect_uris, c.backchannel_logout_uri, c.jwks, c.jwks_uri,
      c.id_token_alg, c.require_par, c.dpop_bound, c.certificate_bound, c.token_lifetime_s, c.refresh_lifetime_s,
      coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'hash', encode(s.hash, 'hex')) order by s.number desc)
        from (select id, hash, number from identity.client_secret
          where client = c.id and (expires_at is null or expires_at > $2) order by number desc limit 2) s),
        '[]') as secrets
    from identity.client c where c.id = $1 and c.state = 'approved' and c.revoked_at is null`,
};

type Row = {
  id: string;
  name: string;
  auth_method: string;
  auth_alg: string | null;
  certificate: { property: string; value: string } | null;
  grant_types: string[];
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  backchannel_logout_uri: string | null;
  jwks: PublicKeys | null;
  jwks_uri: string | null;
  id_token_alg: string;
  require_par: boolean;
  dpop_bound: boolean;
  certificate_bound: boolean;
} & OwnMetadata;

/**
 * Stands where oidc-provider wants a client's secret: random, of this process, known to nobody. Secrets are compared by
 * `secrets` alone, and no algorithm that would use one as a key is enabled.
 */
const noSecret = randomBytes(32).toString('base64url');

/** A key that was rotated out ends at its `exp`, to the second. */
const keysOf = ({ jwks, jwks_uri }: Row, now: number) => ({
  ...(jwks === null ? {} : { jwks: liveKeys(jwks, now) }),
  ...(jwks_uri === null ? {} : { jwks_uri }),
});

const authenticationOf = (row: Row, mtls: boolean, now: number) => ({
  token_endpoint_auth_method: row.auth_method,
  ...(row.auth_alg === null ? {} : { token_endpoint_auth_signing_alg: row.auth_alg }),
  ...(row.auth_method.startsWith('client_secret') ? { client_secret: noSecret } : {}),
  ...(row.certificate === null ? {} : { [`tls_client_auth_${row.certificate.property}`]: row.certificate.value }),
  ...(mtls ? { tls_client_certificate_bound_access_tokens: row.certificate_bound } : {}),
  ...keysOf(row, now),
});

const logoutOf = (row: Row) =>
  row.backchannel_logout_uri === null
    ? {}
    : { backchannel_logout_uri: row.backchannel_logout_uri, backchannel_logout_session_required: true };

const ownOf = (row: Row): OwnMetadata => ({
  tenant: row.tenant,
  scopes: row.scopes,
  view: row.view,
  patient: row.patient,
  secrets: row.secrets,
  token_lifetime_s: row.token_lifetime_s,
  refresh_lifetime_s: row.refresh_lifetime_s,
});

const metadataOf = (row: Row, mtls: boolean, now: number) => ({
  client_id: row.id,
  client_name: row.name,
  grant_types: row.grant_types,
  response_types: row.grant_types.includes('authorization_code') ? ['code'] : [],
  // Where a form would be posted, or a fragment be read, there would have to be a script.
  ...(row.grant_types.includes('authorization_code') ? { response_modes: ['query'] } : {}),
  redirect_uris: row.redirect_uris,
  post_logout_redirect_uris: row.post_logout_redirect_uris,
  id_token_signed_response_alg: row.id_token_alg,
  require_pushed_authorization_requests: row.require_par,
  dpop_bound_access_tokens: row.dpop_bound,
  ...authenticationOf(row, mtls, now),
  ...logoutOf(row),
  safeguard: ownOf(row),
});

/** Certificates cannot be asked for here: a client that needs one is none, rather than one that shows none. */
const needsCertificates = ({ auth_method, certificate_bound }: Row): boolean =>
  certificate_bound || auth_method.endsWith('tls_client_auth');

export type FindClient = (id: string) => Promise<AdapterPayload | undefined>;

/** A client as oidc-provider reads it; one query by key, whatever the id looks like. */
export function createFindClient(segment: Segment, clock: Clock, mtls: boolean): FindClient {
  return async (id) => {
    const key = isUuid(id) ? id : '00000000-0000-0000-0000-000000000000';
    const now = clock.now();
    const [row] = await segment.query<Row>(platform, select, [key, new Date(now)]);
    if (row === undefined || (!mtls && needsCertificates(row))) return undefined;
    return metadataOf(row, mtls, now) as AdapterPayload;
  };
}
