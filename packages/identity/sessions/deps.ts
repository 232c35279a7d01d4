import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { IdentityLog } from '../types.ts';
import type { EndedSession, EndReason, RecordEnd, SessionSettings } from './types.ts';

export interface SessionDeps {
  /** The identity segment; sessions are worked on as tenant 0. */
  readonly segment: Segment;
  /** The identity vault of a tenant. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly log: IdentityLog;
  readonly settings: SessionSettings;
  /** For ends that no request's own entry tells of. Absent: they are not written. */
  readonly record?: RecordEnd;
}

/** How a session that ended comes back from the database. */
export type EndedRow = { id: string; tenant: number; account: string };

export const endedOf =
  (reason: EndReason) =>
  ({ id, tenant, account }: EndedRow): EndedSession => ({ tenant, account, session: id, reason });

/** What is shown of a session is bound to it: it opens on no other row. */
export const bindingOf = (session: string) => ({ resource: session, version: 0, purpose: 'session' });
