import type { RowFacts } from '../policy/row.ts';

/** What will be asked of resources. */
export interface RowQuestions {
  /** FHIR queries on resources of a type. None that leads to other resources, but these, can be asked of the facts. */
  queries(type: string): readonly string[];
  /** Each resource by itself. Else one may stand for those that nothing tells apart: without labels, of one patient. */
  readonly each: boolean;
}

/** What `records` tells of stored resources, the whole truth, to nobody but answers; filled by the composition root. */
export interface Questions {
  /** The facts of one live resource; undefined: there is none, or its keys are destroyed. */
  rowFacts(tenant: number, type: string, id: string, asked: RowQuestions): Promise<RowFacts | undefined>;
  /** All that is live in a patient's compartment, the Patient too. */
  compartment(tenant: number, patient: string, asked: RowQuestions): Promise<readonly RowFacts[]>;
  /** Whether there is, or was, such a Patient. */
  patientExists(tenant: number, id: string): Promise<boolean>;
  /** By Organization (id): references of those who work there now, as `ClinicalFacts.organizations` has it. */
  workersOf(tenant: number, organizations: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** What accounts of the workforce may have in common. */
export interface CohortKind {
  readonly scopes: readonly string[];
  readonly administrator: boolean;
  /** Whether a FHIR resource stands for them (`fhir_user`). */
  readonly named: boolean;
}

/** Active accounts that differ in nothing of this. */
export interface Cohort extends CohortKind {
  readonly ids: readonly string[];
}

/** What `identity` tells of many people at once, without a name; filled by the composition root. */
export interface CrowdPort {
  /** Which kinds of active accounts of the workforce there are. */
  kinds(tenant: number): Promise<readonly CohortKind[]>;
  /** Active accounts of the workforce: all, or those among some ids. */
  workforce(tenant: number, among?: readonly string[]): Promise<readonly Cohort[]>;
  /** Ids of the accounts in these groups (SCIM), by group: all of them, or at least those among some ids. */
  members(
    tenant: number,
    groups: readonly string[],
    among?: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Active accounts of the workforce whose `fhir_user` is one of these references: their id, the reference. */
  standFor(tenant: number, references: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
