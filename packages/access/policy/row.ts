/** What is known of one resource, for whoever judges it. */
export interface RowFacts {
  /** FHIR type. */
  readonly type: string;
  readonly id: string;
  /** Ids of the Patients in whose compartments it is. */
  readonly patients: readonly string[];
  /** `system|code` of `meta.security`. */
  readonly labels: readonly string[];
  /** Whether it fulfils a FHIR search query on its type: conditions joined by `&`, which may chain. */
  fulfils(query: string): boolean;
  /** Whether one of the patients in whose compartments it is fulfils a query on Patient. */
  patientFulfils(query: string): boolean;
}
