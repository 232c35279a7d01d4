/** What people call the types that they meet; any other is called by its own name, taken apart. */
const words: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'allergies and intolerances',
  Appointment: 'appointments',
  Binary: 'files and attachments',
  CarePlan: 'care plans',
  CareTeam: 'care teams',
  Claim: 'bills to insurers',
  Communication: 'messages about care',
  Condition: 'conditions and diagnoses',
  Consent: 'consents',
  Coverage: 'insurance coverage',
  Device: 'devices and implants',
  DiagnosticReport: 'lab, imaging and other reports',
  DocumentReference: 'documents and clinical notes',
  Encounter: 'visits and stays',
  EpisodeOfCare: 'episodes of care',
  ExplanationOfBenefit: 'insurance claims and payments',
  FamilyMemberHistory: 'family history',
  Goal: 'health goals',
  ImagingStudy: 'imaging studies',
  Immunization: 'immunizations',
  Location: 'places of care',
  Medication: 'medicines',
  MedicationAdministration: 'medicines that were given',
  MedicationDispense: 'medicines that were handed out',
  MedicationRequest: 'prescriptions',
  MedicationStatement: 'medicines that are taken',
  NutritionOrder: 'diets',
  Observation: 'lab results and other observations',
  Organization: 'organizations',
  Patient: 'name, contact and other personal details',
  Practitioner: 'doctors, nurses and other professionals',
  PractitionerRole: 'what professionals do, and where',
  Procedure: 'procedures and operations',
  Provenance: 'who wrote what, and when',
  QuestionnaireResponse: 'answers to questionnaires',
  RelatedPerson: 'relatives and contacts',
  Schedule: 'calendars',
  ServiceRequest: 'orders and referrals',
  Slot: 'free times in calendars',
  Specimen: 'samples',
  Task: 'tasks',
};

/** `RiskAssessment` → `risk assessment records`. */
const plain = (type: string): string => `${type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()} records`;

/** A type in plain words. `*`: the whole record. */
export const typeWords = (type: string): string =>
  type === '*' ? 'everything in the health record' : (words[type] ?? plain(type));
