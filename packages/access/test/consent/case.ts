import type { JsonObject } from '@safeguard/kernel';
import type { ConsentReason } from '../../consent/judge.ts';
import type { ConsentAsking } from '../../consent/types.ts';
import { actor, doctor, lab } from './world.ts';

export interface Case {
  readonly name: string;
  readonly consents: readonly JsonObject[];
  readonly asking?: Partial<ConsentAsking>;
  readonly resource?: JsonObject;
  readonly letter?: 'r' | 'u' | 'd' | 's' | 'c';
  readonly reason: ConsentReason;
  /** The Consent that decided. */
  readonly by?: string;
}

export const deny = (more: JsonObject = {}): JsonObject => ({ type: 'deny', ...more });
export const permit = (more: JsonObject = {}): JsonObject => ({ type: 'permit', ...more });
export const role = (code: string, reference: string): JsonObject[] => [actor(reference, code)];
export const dr = [actor('Practitioner/dr')];
export const someoneElse = [actor('Practitioner/other')];
export const clinic = [actor('Organization/clinic')];

export const asked = (one: Case): Required<Pick<Case, 'resource' | 'letter'>> & { asking: ConsentAsking } => ({
  asking: { ...doctor, ...one.asking },
  resource: one.resource ?? lab,
  letter: one.letter ?? 'r',
});
