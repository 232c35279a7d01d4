import type { Planted } from './world.ts';

/**
 * What the issue, docs/access and the house policy's description promise, written down a second time: nothing here is
 * computed by the product. Who may do what to which resource.
 */

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

/** A role as somebody holds it at this moment. */
export interface Held {
  readonly role: string;
  /** The grant names these patients. */
  readonly patients?: readonly string[];
  readonly opens?: readonly string[];
  /** Not yet, no more, or taken away: it counts for nothing. */
  readonly over?: true;
}

export interface Asking {
  readonly kind: 'nobody' | 'client' | 'workforce' | 'patient' | 'proxy';
  readonly tenant: 'here' | 'there';
  readonly level: 1 | 2;
  /** Whether the scopes have the letter on the type. */
  readonly scoped: (type: string, letter: Letter) => boolean;
  readonly held: readonly Held[];
  readonly view: 'full' | 'without-identity' | 'limited' | 'deidentified';
  /** Patients who have the person on an active care team. */
  readonly treats: readonly string[];
  /** Nothing but these patients' compartments, whatever else: of patients, proxies and clients of one patient. */
  readonly bounds?: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);
const category: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    demographics: 'Patient Person RelatedPerson',
    directory: `Endpoint HealthcareService Location Organization OrganizationAffiliation Practitioner PractitionerRole
      VerificationResult`,
    scheduling: 'Appointment AppointmentResponse Schedule Slot',
    encounters: 'Encounter EpisodeOfCare',
    problems: `AdverseEvent AllergyIntolerance ClinicalImpression Condition DetectedIssue FamilyMemberHistory Flag
      RiskAssessment`,
    results: 'BodyStructure DiagnosticReport ImagingStudy Media MolecularSequence Observation Specimen',
    procedures: 'BiologicallyDerivedProduct Device DeviceMetric DeviceUseStatement Procedure',
    medications: `Immunization ImmunizationEvaluation ImmunizationRecommendation Medication MedicationAdministration
      MedicationDispense MedicationRequest MedicationStatement`,
    care: `CarePlan CareTeam CommunicationRequest DeviceRequest Goal GuidanceResponse NutritionOrder RequestGroup
      ServiceRequest SupplyDelivery SupplyRequest Task VisionPrescription`,
    notes: `Basic Binary Bundle Communication Composition DocumentManifest DocumentReference Linkage List MessageHeader
      QuestionnaireResponse`,
    coverage: `Coverage CoverageEligibilityRequest CoverageEligibilityResponse EnrollmentRequest EnrollmentResponse
      InsurancePlan`,
    billing: `Account ChargeItem ChargeItemDefinition Claim ClaimResponse Contract ExplanationOfBenefit Invoice
      PaymentNotice PaymentReconciliation`,
    consents: 'Consent',
    provenance: 'Provenance',
    log: 'AuditEvent',
    research: 'Group MeasureReport ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject',
    knowledge: `ActivityDefinition CatalogEntry DeviceDefinition EffectEvidenceSynthesis EventDefinition Evidence
      EvidenceVariable Library Measure MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
      MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
      MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
      MedicinalProductUndesirableEffect ObservationDefinition PlanDefinition Questionnaire RiskEvidenceSynthesis
      SpecimenDefinition Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
      SubstanceSourceMaterial SubstanceSpecification`,
    conformance: `CapabilityStatement CodeSystem CompartmentDefinition ConceptMap ExampleScenario GraphDefinition
      ImplementationGuide MessageDefinition NamingSystem OperationDefinition OperationOutcome Parameters SearchParameter
      StructureDefinition StructureMap TerminologyCapabilities TestReport TestScript ValueSet`,
    subscriptions: 'Subscription',
  }).flatMap(([name, types]) => words(types).map((type) => [type, name])),
);

/** Types that hold nothing of a patient: who is limited to patients sees them where they name none. */
const shared: ReadonlySet<string> = new Set(
  words(`Organization Practitioner PractitionerRole Location HealthcareService Endpoint OrganizationAffiliation
    InsurancePlan Medication MedicationKnowledge Substance DeviceDefinition CatalogEntry SpecimenDefinition
    ObservationDefinition ActivityDefinition PlanDefinition Questionnaire Library Measure EventDefinition
    ChargeItemDefinition ResearchStudy Evidence StructureDefinition StructureMap ValueSet CodeSystem ConceptMap
    NamingSystem SearchParameter OperationDefinition CapabilityStatement CompartmentDefinition GraphDefinition
    ImplementationGuide ExampleScenario MessageDefinition TerminologyCapabilities`),
);

type Cells = Readonly<Record<string, string>>;
const reference: Cells = { directory: 'rs', knowledge: 'rs', conformance: 'rs' };
const clinical = ['encounters', 'problems', 'results', 'procedures', 'medications', 'care', 'notes'];
const each = (letters: string, names: readonly string[]): Cells =>
  Object.fromEntries(names.map((name) => [name, letters]));
const treating: Cells = {
  ...{ ...reference, ...each('crus', clinical), demographics: 'rus', scheduling: 'crus', coverage: 'rs' },
  ...{ consents: 'crs', provenance: 'rs' },
};
const everything = each('cruds', [...new Set(Object.values(category))]);

/** Minimum necessary: what each role reaches of each category. A role that is not here opens no record. */
const reaches: Readonly<Record<string, Cells>> = {
  clinician: treating,
  'practice-clinician': { ...treating, demographics: 'crus' },
  'break-glass': treating,
  'front-desk': { ...reference, demographics: 'crus', scheduling: 'crus', coverage: 'crus' },
  billing: {
    ...{ ...reference, demographics: 'rs', encounters: 'rs', problems: 'rs', procedures: 'rs' },
    ...{ coverage: 'crus', billing: 'crus' },
  },
  researcher: {
    ...{ ...reference, demographics: 'rs', encounters: 'rs', problems: 'rs', results: 'rs', procedures: 'rs' },
    ...{ medications: 'rs', care: 'rs', research: 'rs' },
  },
  auditor: { log: 'rs' },
  'security-officer': { log: 'rs' },
  'privacy-officer': { log: 'rs', consents: 'crus', provenance: 'rs' },
  developer: {},
  service: everything,
};

/** What billing sees beyond its categories is coded facts alone. */
const billed = new Set(words('Condition Encounter Patient Procedure'));
const billing = new Set(['billing', 'coverage', 'directory', 'conformance']);

/** What patients do beside looking: report, make appointments, consent, keep up their address. */
const ownReads = new Set([
  ...[...Object.keys(reference), ...clinical, 'coverage', 'billing', 'provenance', 'research', 'demographics'],
  ...['scheduling', 'consents'],
]);
const ownWrites: Cells = {
  ...each('c', ['Communication', 'DocumentReference', 'Observation', 'QuestionnaireResponse']),
  ...each('cu', ['Appointment', 'Consent']),
  Patient: 'u',
};
const ofOwn = (type: string, letter: Letter): boolean =>
  letter === 'r' || letter === 's' ? ownReads.has(category[type] ?? '') : (ownWrites[type]?.includes(letter) ?? false);

/** Whether a role has the letter on the type at all. */
function roleHas({ role }: Held, type: string, letter: Letter): boolean {
  const of = category[type] ?? '';
  if (role === 'patient' || role === 'proxy') return ofOwn(type, letter);
  if (role === 'billing' && !billing.has(of) && !billed.has(type)) return false;
  return reaches[role]?.[of]?.includes(letter) ?? false;
}

const lookedUp = new Set(['directory', 'knowledge', 'conformance']);
const isLookedUp = (type: string, letter: Letter): boolean =>
  'rs'.includes(letter) && (lookedUp.has(category[type] ?? '') || ['Medication', 'Schedule', 'Slot'].includes(type));

/** What lies where: in one of these compartments, or of a type that is nobody's, which is looked at and not changed. */
const isAround = ({ type, patient }: Target, patients: readonly string[], letter: Letter): boolean =>
  patient === undefined ? shared.has(type) && 'rs'.includes(letter) : patients.includes(patient);

export type Target = Pick<Planted, 'type' | 'patient' | 'label' | 'tenant' | 'kind'>;

/** What a role opens of what is labelled. Patients look at theirs; what is labelled they do not change. */
function openedBy(role: string, letter: Letter): readonly string[] {
  if (role === 'patient') return 'rs'.includes(letter) ? ['hiv'] : [];
  return role === 'break-glass' ? ['hiv'] : [];
}

/** Whether it lies where the role reaches. */
function isNear(asking: Asking, { role, patients }: Held, target: Target, letter: Letter): boolean {
  if (patients !== undefined && !isAround(target, patients, letter)) return false;
  if (role === 'patient' || role === 'proxy') return isAround(target, asking.bounds ?? [], letter);
  if ((role !== 'clinician' && role !== 'break-glass') || isLookedUp(target.type, letter)) return true;
  return isAround(target, role === 'clinician' ? asking.treats : (patients ?? []), letter);
}

function byRole(asking: Asking, held: Held, target: Target, letter: Letter): boolean {
  const { role, opens = [], over } = held;
  const { type, label, kind } = target;
  if (over || !roleHas(held, type, letter) || !isNear(asking, held, target, letter)) return false;
  // Writing discloses nothing: labels and consents bind what is shown.
  if (letter === 'c') return true;
  if (label !== undefined && ![...openedBy(role, letter), ...opens].includes(label)) return false;
  const isOwn = asking.kind === 'patient' || asking.kind === 'proxy';
  return kind !== 'refused' || isOwn || role === 'break-glass';
}

/** Whether this one may do this to that. */
export function may(asking: Asking, target: Target, letter: Letter): boolean {
  if (asking.kind === 'nobody' || asking.level < 2) return false;
  if (target.tenant !== asking.tenant || target.kind === 'unknown') return false;
  if (asking.view !== 'full' && !'rs'.includes(letter)) return false;
  if (!asking.scoped(target.type, letter)) return false;
  if (asking.bounds !== undefined && !isAround(target, asking.bounds, letter)) return false;
  return asking.held.some((held) => byRole(asking, held, target, letter));
}

/** Whether anything of a type may be within reach: else the type is refused as a whole. */
export function mayOfType(asking: Asking, type: string, letter: Letter): boolean {
  if (asking.kind === 'nobody' || asking.level < 2) return false;
  if (asking.view !== 'full' && !'rs'.includes(letter)) return false;
  return asking.scoped(type, letter) && asking.held.some((held) => held.over !== true && roleHas(held, type, letter));
}
