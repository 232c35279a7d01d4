import type { z } from 'zod';
import type { Account } from '../accounts/types.ts';
import type { SessionSummary } from '../sessions/types.ts';
import type { ClientSummary } from '../types.ts';
import type * as schemas from './schemas.ts';

export const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** Field by field: what an account gets one day does not leave by itself. */
export const accountView = (of: Account): z.output<typeof schemas.account> => ({
  id: of.id,
  kind: of.kind,
  state: of.state,
  login: of.login,
  name: of.name,
  scopes: [...of.scopes],
  roles: [...of.roles],
  patients: [...of.patients],
  fhir_user: of.fhir_user,
  source: of.source,
  external: of.external,
  created_at: iso(of.created_at),
  verified_at: isoOrNull(of.verified_at),
  ended_at: isoOrNull(of.ended_at),
});

export const sessionView = (of: SessionSummary, current: string | undefined): z.output<typeof schemas.session> => ({
  id: of.id,
  created_at: iso(of.created_at),
  last_used_at: iso(of.last_used_at),
  network: of.network,
  device: of.device,
  methods: [...of.methods],
  current: of.id === current,
});

export const clientView = (of: ClientSummary): z.output<typeof schemas.client> => ({
  client_id: of.client_id,
  name: of.name,
  scopes: [...of.scopes],
  view: of.view,
  patient: of.patient,
  permissions: [...of.permissions],
  type: of.type,
  state: of.state,
  auth_method: of.auth_method,
  grant_types: [...of.grant_types],
  redirect_uris: [...of.redirect_uris],
  created_at: iso(of.created_at),
  revoked_at: isoOrNull(of.revoked_at),
});
