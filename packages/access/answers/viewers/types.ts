import type { Principal } from '@safeguard/http';
import type { Viewer } from '../../api/answers.ts';
import type { Letter } from '../../interactions.ts';
import type { SubjectRules } from '../../policy/compile-index.ts';
import type { CompiledRule } from '../../policy/compile-rules.ts';
import type { ContextPart } from '../../policy/occasion.ts';
import type { Holding } from '../../standing/types.ts';

/** Which resources by which letters: bit `row * 5 + place` of the letter in `cruds`. */
export type Mask = bigint;

/** What of the occasion nobody can know beforehand. */
export type When = Exclude<ContextPart, 'test'>;

/**
 * All of somebody that a decision on this patient's resources may depend on, besides what they hold, their groups and
 * their id. People of one shape are judged once. Lists hold only what matters here, in order.
 */
export interface Shape {
  readonly kind: 'user' | 'client';
  readonly scopes: readonly string[];
  readonly view: Principal['view'];
  /** Of patients and proxies. */
  readonly within?: readonly string[];
  /** Of a client that is limited to one patient. */
  readonly patient?: string;
  readonly permissions?: readonly string[];
  readonly careTeam: readonly string[];
  readonly organizations: readonly string[];
  /** Whether a FHIR resource stands for them, and which, where a Consent names it. */
  readonly fhir_user?: string;
}

/** A way in which rules name somebody: a role held, a group, their id, everyone. */
export interface Way {
  readonly rules: SubjectRules;
  readonly holding: Holding | undefined;
}

/** What one permit lets through of the patient's resources, before anything is taken from it. */
export interface Permit {
  readonly rule: CompiledRule;
  readonly mask: Mask;
  readonly width: number;
  /** What of the occasion it depends on; empty: nothing. */
  readonly when: readonly When[];
}

/** What a permit leaves when all that forbids and withholds is taken away. */
export interface Left {
  readonly rule: CompiledRule;
  readonly width: number;
  readonly letters: string;
  readonly mask: Mask;
  readonly when: readonly When[];
}

/** What entries of many people have in common. */
export interface Reason extends Pick<Viewer, 'rule' | 'view' | 'letters'> {
  /** Absent, never empty. */
  readonly when?: readonly When[];
}

/** The letters that show something. */
export const seeing: readonly Letter[] = ['r', 's'];
