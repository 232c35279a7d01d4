import type { Category } from '../../policy/types.ts';

/** Every type of FHIR R4, once: what somebody's work needs or does not need comes in these parcels. */
export const categories = {
  demographics: { title: 'Who a patient is, and how to reach them', types: ['Patient', 'Person', 'RelatedPerson'] },
  directory: {
    title: 'Professionals, organizations and places',
    types: [
      ...['Endpoint', 'HealthcareService', 'Location', 'Organization', 'OrganizationAffiliation', 'Practitioner'],
      ...['PractitionerRole', 'VerificationResult'],
    ],
  },
  scheduling: {
    title: 'Appointments and calendars',
    types: ['Appointment', 'AppointmentResponse', 'Schedule', 'Slot'],
  },
  encounters: { title: 'Visits and stays', types: ['Encounter', 'EpisodeOfCare'] },
  problems: {
    title: 'Conditions, allergies, risks and family history',
    types: [
      ...['AdverseEvent', 'AllergyIntolerance', 'ClinicalImpression', 'Condition', 'DetectedIssue'],
      ...['FamilyMemberHistory', 'Flag', 'RiskAssessment'],
    ],
  },
  results: {
    title: 'Observations, laboratory and imaging',
    types: [
      ...['BodyStructure', 'DiagnosticReport', 'ImagingStudy', 'Media', 'MolecularSequence', 'Observation', 'Specimen'],
    ],
  },
  procedures: {
    title: 'Procedures and devices',
    types: ['BiologicallyDerivedProduct', 'Device', 'DeviceMetric', 'DeviceUseStatement', 'Procedure'],
  },
  medications: {
    title: 'Medicines and immunizations',
    types: [
      ...['Immunization', 'ImmunizationEvaluation', 'ImmunizationRecommendation', 'Medication'],
      ...['MedicationAdministration', 'MedicationDispense', 'MedicationRequest', 'MedicationStatement'],
    ],
  },
  care: {
    title: 'Care teams, plans, goals and orders',
    types: [
      ...['CarePlan', 'CareTeam', 'CommunicationRequest', 'DeviceRequest', 'Goal', 'GuidanceResponse'],
      ...['NutritionOrder', 'RequestGroup', 'ServiceRequest', 'SupplyDelivery', 'SupplyRequest', 'Task'],
      'VisionPrescription',
    ],
  },
  notes: {
    title: 'Notes, documents, messages and answers to questionnaires',
    types: [
      ...['Basic', 'Binary', 'Bundle', 'Communication', 'Composition', 'DocumentManifest', 'DocumentReference'],
      ...['Linkage', 'List', 'MessageHeader', 'QuestionnaireResponse'],
    ],
  },
  coverage: {
    title: 'Insurance coverage',
    types: [
      ...['Coverage', 'CoverageEligibilityRequest', 'CoverageEligibilityResponse', 'EnrollmentRequest'],
      ...['EnrollmentResponse', 'InsurancePlan'],
    ],
  },
  billing: {
    title: 'Bills, claims and payments',
    types: [
      ...['Account', 'ChargeItem', 'ChargeItemDefinition', 'Claim', 'ClaimResponse', 'Contract'],
      ...['ExplanationOfBenefit', 'Invoice', 'PaymentNotice', 'PaymentReconciliation'],
    ],
  },
  consents: { title: "Patients' consents", types: ['Consent'] },
  provenance: { title: 'Who wrote what', types: ['Provenance'] },
  log: { title: 'The log', types: ['AuditEvent'] },
  research: {
    title: 'Studies, their subjects, groups of people and reports on them',
    types: [
      ...['Group', 'MeasureReport', 'ResearchDefinition', 'ResearchElementDefinition', 'ResearchStudy'],
      'ResearchSubject',
    ],
  },
  knowledge: {
    title: 'Clinical knowledge, products and questionnaires',
    types: [
      ...['ActivityDefinition', 'CatalogEntry', 'DeviceDefinition', 'EffectEvidenceSynthesis', 'EventDefinition'],
      ...['Evidence', 'EvidenceVariable', 'Library', 'Measure', 'MedicationKnowledge', 'MedicinalProduct'],
      ...['MedicinalProductAuthorization', 'MedicinalProductContraindication', 'MedicinalProductIndication'],
      ...['MedicinalProductIngredient', 'MedicinalProductInteraction', 'MedicinalProductManufactured'],
      ...['MedicinalProductPackaged', 'MedicinalProductPharmaceutical', 'MedicinalProductUndesirableEffect'],
      ...['ObservationDefinition', 'PlanDefinition', 'Questionnaire', 'RiskEvidenceSynthesis', 'SpecimenDefinition'],
      ...['Substance', 'SubstanceNucleicAcid', 'SubstancePolymer', 'SubstanceProtein'],
      ...['SubstanceReferenceInformation', 'SubstanceSourceMaterial', 'SubstanceSpecification'],
    ],
  },
  conformance: {
    title: 'Terminologies, definitions and tests of the interface',
    types: [
      ...['CapabilityStatement', 'CodeSystem', 'CompartmentDefinition', 'ConceptMap', 'ExampleScenario'],
      ...['GraphDefinition', 'ImplementationGuide', 'MessageDefinition', 'NamingSystem', 'OperationDefinition'],
      ...['OperationOutcome', 'Parameters', 'SearchParameter', 'StructureDefinition', 'StructureMap'],
      ...['TerminologyCapabilities', 'TestReport', 'TestScript', 'ValueSet'],
    ],
  },
  subscriptions: { title: 'What is sent elsewhere when something changes', types: ['Subscription'] },
} as const satisfies Readonly<Record<string, Category>>;

export type CategoryName = keyof typeof categories;
export const categoryNames = Object.keys(categories) as readonly CategoryName[];

/** What a person of a care team works with. */
export const clinicalCategories = [
  ...(['encounters', 'problems', 'results', 'procedures', 'medications', 'care', 'notes'] as const),
] satisfies readonly CategoryName[];
