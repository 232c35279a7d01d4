import type { Occasion, Principal, Standing, View } from '@safeguard/http';
import type { ConsentEffect } from '../consent/types.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';

/** A role that somebody holds at this moment, and why. */
export interface Holding {
  readonly role: string;
  /** Id of the grant; absent: by what the account or client is (`patient`, `service`). */
  readonly grant?: string;
  /** Ids of Patients that the grant names; absent: not limited by the grant. */
  readonly patients?: readonly string[];
  /** Sensitive categories that the grant opens by name. */
  readonly opens?: readonly string[];
  readonly kind: 'standing' | 'elevation' | 'break-glass' | 'relationship';
  /** Exclusive, milliseconds since the Unix epoch; absent: it has no end of its own. */
  readonly until?: number;
}

/**
 * What access knows of a principal at the moment of a request: plain data, so that `decide` stays pure. Each list is
 * complete as of at most a second ago.
 */
export interface StandingFacts {
  readonly holdings: readonly Holding[];
  readonly groups: readonly string[];
  /** Patients on whose active CareTeam the person is. Present only if a rule of theirs asks. */
  readonly careTeam: readonly string[];
  /** Organizations of the person (PractitionerRole), ids. Present only if a rule of theirs asks. */
  readonly organizations: readonly string[];
  /** What patients' consents take from this principal, for this purpose and moment. */
  readonly consents: readonly ConsentEffect[];
  readonly testTenant: boolean;
}

/** The sealed box of `Principal.standing`, opened. */
export interface OpenStanding extends Standing, StandingFacts {
  readonly policy: CompiledPolicy;
  readonly at: number;
  readonly network: string;
  readonly purpose: string;
  readonly view: View;
}

/** Completes principals; see `HttpPorts.entitle`. */
export type Entitle = (principal: Principal, occasion: Occasion) => Principal | Promise<Principal>;

/** What `records` tells of the clinical data that policies depend on; filled by the composition root. */
export interface ClinicalFacts {
  /** Ids of Patients with an active CareTeam that names this fhirUser (or its PractitionerRoles) as participant. */
  careTeam(tenant: number, fhir_user: string): Promise<readonly string[]>;
  /** The other way round: references of those on the active CareTeams of a patient. */
  careTeamOf(tenant: number, patient: string): Promise<readonly string[]>;
  /** Ids of Organizations that this fhirUser works for. */
  organizations(tenant: number, fhir_user: string): Promise<readonly string[]>;
  /** Ids of the active CareTeams and PractitionerRoles that name this fhirUser: what Consents may name. */
  memberships?(
    tenant: number,
    fhir_user: string,
  ): Promise<{ readonly careTeams: readonly string[]; readonly practitionerRoles: readonly string[] }>;
  /** Id of the patient's managing Organization. */
  organizationOf(tenant: number, patient: string): Promise<string | undefined>;
  /** All Consents of the tenant that are in force or may come into force, as resources; from memory within 1 s. */
  consents(tenant: number): Promise<ConsentSnapshot>;
}

/** `version` changes whenever the list does. */
export interface ConsentSnapshot {
  readonly version: number;
  /** FHIR R4 Consent resources: active, of scope patient-privacy, each with its patient, newest last. */
  readonly consents: readonly object[];
}
