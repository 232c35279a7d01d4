import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { AccessLog, ActivePolicy, Limits } from '../grants/deps.ts';
import type { NoticePort } from '../notices/types.ts';
import type { PeoplePort } from '../people-port.ts';

export interface ReviewDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly people: PeoplePort;
  readonly policies: ActivePolicy;
  readonly notices: NoticePort;
  readonly log: AccessLog;
  readonly limits?: Limits;
  /** Told after the commit of what changes rights: this process need not wait for its next look. */
  readonly changed?: (tenant: number) => void;
}

/** Whoever holds one of these looks after campaigns and is told of them. */
export const reviewers = ['administrator', 'security-officer', 'privacy-officer'] as const;
