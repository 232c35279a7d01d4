import type { z } from 'zod';
import { iso } from '../api/views.ts';
import type * as schemas from './schemas.ts';
import type { Application, ApplicationEvent, Invitation, KeyUse, SecretUse } from './types.ts';

const orNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** Field by field: what an application gets one day does not leave by itself. */
export const applicationView = (of: Application): z.output<typeof schemas.application> => ({
  client_id: of.id,
  source: of.source,
  requester: of.requester,
  state: of.state,
  version: of.version,
  in_force: of.in_force === null ? null : { version: of.in_force.version, scopes: [...of.in_force.scopes] },
  name: of.name,
  publisher: of.publisher,
  description: of.description,
  contact: of.contact,
  purpose: of.purpose,
  scopes: [...of.scopes],
  view: of.view,
  auth_method: of.auth_method,
  grant_types: [...of.grant_types],
  redirect_uris: [...of.redirect_uris],
  post_logout_redirect_uris: [...of.post_logout_redirect_uris],
  launch_uri: of.launch_uri ?? null,
  client_uri: of.client_uri ?? null,
  policy_uri: of.policy_uri ?? null,
  tos_uri: of.tos_uri ?? null,
  jwks_uri: of.jwks_uri ?? null,
  keys: (of.jwks?.keys ?? []).map((key) => String(key['kid'])),
  logo: of.logo === undefined ? null : { ...of.logo },
  created_at: iso(of.created_at),
  changed_at: iso(of.changed_at),
});

export const historyView = (of: readonly ApplicationEvent[]): z.output<typeof schemas.applicationHistory> => ({
  items: of.map((one) => ({ ...one, at: iso(one.at), scopes: one.scopes === null ? null : [...one.scopes] })),
});

export const proofsView = (
  keys: readonly KeyUse[],
  secrets: readonly SecretUse[],
): z.output<typeof schemas.proofs> => ({
  keys: keys.map(({ kid, ends_at, last_used_at }) => ({
    kid,
    ends_at: orNull(ends_at),
    last_used_at: orNull(last_used_at),
  })),
  secrets: secrets.map(({ id, created_at, ends_at, last_used_at }) => ({
    id,
    created_at: iso(created_at),
    ends_at: orNull(ends_at),
    last_used_at: orNull(last_used_at),
  })),
});

export const invitationView = (of: Invitation): z.output<typeof schemas.invitation> => ({
  id: of.id,
  created_at: iso(of.created_at),
  expires_at: iso(of.expires_at),
  uses: of.uses,
  used: of.used,
  ended_at: orNull(of.ended_at),
});
