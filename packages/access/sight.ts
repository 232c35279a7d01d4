/**
 * What one right shows of a type: everything that fulfils all of what is here, and none of the exceptions. An empty
 * sight shows all.
 */
export interface Sight {
  /**
   * Ids: what lies in the compartments of these patients, and what is of a shared type and belongs to no patient.
   * Absent: anybody's.
   */
  readonly patients?: readonly string[];
  /**
   * A FHIR query on Patient that a patient in whose compartment the resource lies must fulfil; what is of a shared type
   * and belongs to no patient is shown too. Absent: anybody's.
   */
  readonly patientQuery?: string;
  /** A FHIR search query on the type, in normal form: conditions, which may chain; all must hold. Absent: any. */
  readonly query?: string;
  /** What is shown to nobody by this right. */
  readonly except?: readonly Exception[];
  /** Rule, grant: why. Plays no part in what is shown. */
  readonly why?: { readonly rule: string; readonly grant?: string };
}

/** What fulfils all of what is here is not shown. An empty one would hide all. Never chains. */
export interface Exception {
  /** In the compartment of one of these patients. */
  readonly patients?: readonly string[];
  /** A FHIR query on the type, plain conditions. */
  readonly query?: string;
  /** Ids of instances of the type. */
  readonly ids?: readonly string[];
  /** `system|code`: one of these stands in `meta.security`. The same as a query on `_security`, and quicker. */
  readonly labels?: readonly string[];
  /** What fulfils one of these is shown after all. */
  readonly except?: readonly Exception[];
}

/**
 * Which resources of a type a caller may see: every one, none, or what one of the sights shows (at least one). It is a
 * predicate of the query, never a filter on its answer.
 */
export type Visibility = 'all' | 'none' | readonly Sight[];

/** What of a type's elements a caller does not see, or does not change; element paths without the type. */
export interface Shield {
  readonly hide: readonly string[];
  readonly readonly: readonly string[];
}
