/** Which resources are meant: those that fulfil all of what is here. Empty: every one. */
export interface ConsentPart {
  /** FHIR types that are meant; absent: all. */
  readonly types?: readonly string[];
  /** A FHIR query each (`_security=…`, `code=…`, `date=…`), on types that have the parameter; all must hold. */
  readonly queries?: readonly string[];
  /** `Type/id` of instances that are meant; absent: any. */
  readonly instances?: readonly string[];
  /** Resources that are not meant after all. */
  readonly except?: readonly ConsentPart[];
  /** Letters of `cruds` that are meant; absent: all. */
  readonly letters?: string;
}

/**
 * What the consents of some patients take from one caller: resources in these patients' compartments that fulfil all of
 * what is here. Several effects are a union.
 */
export interface ConsentEffect extends ConsentPart {
  /** Ids of Patients. */
  readonly patients: readonly string[];
  /** Id of the first one's Consent, for the reason. */
  readonly consent: string;
  /** Ids of the Consents, by the position of `patients`. */
  readonly consents?: readonly string[];
}

/** Who asks, what for and when: what consents depend on. */
export interface ConsentAsking {
  /** Id of the account. No Consent names one: it names the FHIR resource that stands for the person. */
  readonly account?: string | undefined;
  /** Id of the client that acts, alone or for a person: `Device/<id>` in a Consent. */
  readonly client?: string | undefined;
  /** `Practitioner/<id>` …; absent: nobody that a Consent can name as a person. */
  readonly fhir_user?: string | undefined;
  /** Names of roles that are held. */
  readonly roles: readonly string[];
  /** Ids of Organizations that the person works for. */
  readonly organizations: readonly string[];
  /** Ids of CareTeams that the person (`fhir_user`) is on; absent: not known, so that a denial of any team counts. */
  readonly careTeams?: readonly string[] | undefined;
  /** Ids of PractitionerRoles of the person; absent: not known, so that a denial of any of them counts. */
  readonly practitionerRoles?: readonly string[] | undefined;
  /** A code of HL7's PurposeOfUse. */
  readonly purpose: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Letters of `cruds` that matter; absent: all. */
  readonly letters?: string | undefined;
}

/** What of a Consent was not understood, and so was read as denying what it might deny. In fixed words. */
export interface ConsentNote {
  readonly consent: string;
  /** Id of the Patient; absent: it names none of this server. */
  readonly patient?: string;
  readonly reason: string;
}

/** A Consent that is not, or not wholly, understood. */
export interface NotedConsent {
  readonly id: string;
  readonly patient?: string;
  /** In fixed words: nothing of the Consent is repeated. */
  readonly reasons: readonly string[];
}
