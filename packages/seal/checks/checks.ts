import type { Check } from '@safeguard/kernel';
import type { Seal, SealDatabase, SealSegment } from '../types.ts';
import { disposal } from './disposal.ts';
import { encryptedAtRest } from './encrypted.ts';
import { keyPerPatient } from './key-per-patient.ts';
import { rootKeyGuarded } from './root-guarded.ts';
import { keyRotation } from './rotation.ts';
import { tamperRefused } from './tamper.ts';

export interface SealCheckDeps {
  readonly seal: Pick<Seal, 'vault' | 'destroy'>;
  readonly segments: Readonly<Record<SealSegment, SealDatabase>>;
  /** Numbers of all tenants, the platform's 0 among them. */
  tenants(): Promise<readonly number[]>;
  /** A tenant of the checks' own: keys are made and destroyed in it (`Probe.tenants`, the first). */
  scratch(): Promise<number>;
  /** The directory of the root key (`keys.directory`). */
  readonly root: { readonly directory: string };
}

/** The checks of encryption: what stands in the databases, what opens, whose keys they are, how they end. */
export const sealChecks = (deps: SealCheckDeps): Check[] => [
  encryptedAtRest(deps),
  tamperRefused(deps),
  keyPerPatient(deps),
  keyRotation(deps),
  rootKeyGuarded(deps),
  disposal(deps),
];
