import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { NoticePort } from '../notices/types.ts';
import type { PeoplePort } from '../people-port.ts';
import type { ClinicalFacts } from '../standing/types.ts';
import type { Sample } from './simulator/types.ts';
import type { PolicyVocabulary } from './vocabulary.ts';

export interface PolicyDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly people: PeoplePort;
  readonly vocabulary: PolicyVocabulary;
  readonly notices: NoticePort;
  /** Care teams and organizations, for the simulator; absent: it counts nobody on any. */
  readonly clinical?: Pick<ClinicalFacts, 'careTeam' | 'organizations'>;
  /** Real resources for the simulator; absent: it answers by type alone. */
  readonly sample?: Sample;
  /** Told after the commit of what changes rights: this process need not wait for its next look. */
  readonly changed?: (tenant: number) => void;
}
