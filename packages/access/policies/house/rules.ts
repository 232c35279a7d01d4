import type { Rule, RuleInteraction } from '../../policy/types.ts';
import { purposesUnder } from '../purposes.ts';
import { type SensitiveName, sensitiveNames } from './sensitive.ts';

const seeing: readonly RuleInteraction[] = ['read', 'search'];
const working: readonly RuleInteraction[] = ['create', 'read', 'update', 'search'];
const everything: readonly RuleInteraction[] = ['create', 'read', 'update', 'delete', 'search'];

/** Psychotherapy notes are no part of the right of access (45 CFR 164.524(a)(1)(i)), nor of an emergency. */
const allButPsychotherapy: readonly SensitiveName[] = sensitiveNames.filter((name) => name !== 'psychotherapy-notes');

/** What of their own data people do not change themselves: by it records are told apart and joined. */
const settled = [
  'active',
  'birthDate',
  'deceased',
  'generalPractitioner',
  'identifier',
  'link',
  'managingOrganization',
];

/** The same for patients and for those who act for them: what they see, add, keep up, and say of themselves. */
const ofOwnRecord = (role: 'patient' | 'proxy', opens: readonly SensitiveName[]): Rule[] => [
  {
    id: `${role}-sees-record`,
    reason: 'Patients have a right of access to their record (45 CFR 164.524).',
    effect: 'permit',
    who: { roles: [role] },
    interactions: seeing,
    types: ['*'],
    where: { compartment: 'own' },
    ...(opens.length > 0 ? { opens } : {}),
  },
  {
    id: `${role}-adds-to-record`,
    reason: 'Patients report values, send documents and write to those who treat them.',
    effect: 'permit',
    who: { roles: [role] },
    interactions: ['create'],
    types: ['Communication', 'DocumentReference', 'Observation', 'QuestionnaireResponse'],
    where: { compartment: 'own' },
  },
  {
    id: `${role}-keeps-up`,
    reason: 'Patients make and move appointments, and give and withdraw consent.',
    effect: 'permit',
    who: { roles: [role] },
    interactions: ['create', 'update'],
    types: ['Appointment', 'Consent'],
    where: { compartment: 'own' },
  },
  {
    id: `${role}-changes-details`,
    reason: 'Patients keep their address and contacts up to date.',
    effect: 'permit',
    who: { roles: [role] },
    interactions: ['update'],
    types: ['Patient'],
    where: { compartment: 'own' },
    readonly: settled.map((element) => `Patient.${element}`),
  },
];

const ofCare: Rule[] = [
  {
    id: 'clinician-care-team',
    reason: 'Whoever is on the active care team of a patient treats them.',
    effect: 'permit',
    who: { roles: ['clinician'] },
    interactions: working,
    types: ['*'],
    where: { compartment: 'care-team' },
  },
  {
    id: 'clinician-reference',
    reason: 'Treating takes directories, calendars and knowledge, which hold nothing of a patient.',
    effect: 'permit',
    who: { roles: ['clinician', 'break-glass'] },
    interactions: seeing,
    types: ['category:directory', 'category:knowledge', 'category:conformance', 'Medication', 'Schedule', 'Slot'],
  },
  {
    id: 'practice-clinician-treats',
    reason: 'A small practice keeps no care teams: each of its clinicians treats all of its patients.',
    effect: 'permit',
    who: { roles: ['practice-clinician'] },
    interactions: working,
    types: ['*'],
  },
  {
    id: 'break-glass-emergency',
    reason: 'Emergency access to what an emergency needs (45 CFR 164.312(a)(2)(ii)).',
    effect: 'permit',
    who: { roles: ['break-glass'] },
    interactions: working,
    types: ['*'],
    // The grant says why: an app that names no purpose must work in an emergency too.
    where: { compartment: 'granted' },
    opens: allButPsychotherapy,
  },
];

/** Coded facts go on a bill; what was written about them does not. */
const unbilled = [
  ...['Condition.evidence', 'Condition.note', 'Condition.text'],
  ...['Encounter.text', 'Patient.photo', 'Patient.text'],
  ...['Procedure.complicationDetail', 'Procedure.note', 'Procedure.report', 'Procedure.text'],
];

const ofOffice: Rule[] = [
  {
    id: 'front-desk-registers',
    reason: 'The front desk registers patients, makes appointments and checks coverage.',
    effect: 'permit',
    who: { roles: ['front-desk'] },
    interactions: working,
    types: ['*'],
    hide: ['Appointment.reasonReference', 'Appointment.supportingInformation'],
  },
  {
    id: 'billing-bills',
    reason: 'Payment takes the visit, its codes, the coverage and the claim (45 CFR 164.506(c)).',
    effect: 'permit',
    who: { roles: ['billing'] },
    interactions: working,
    types: [
      ...['category:billing', 'category:coverage', 'category:directory', 'category:conformance'],
      ...['Condition', 'Encounter', 'Patient', 'Procedure'],
    ],
    where: { purposes: purposesUnder('HPAYMT') },
    hide: unbilled,
  },
  {
    id: 'researcher-studies',
    reason: 'Research on de-identified records needs no authorization (45 CFR 164.514(a)).',
    effect: 'permit',
    who: { roles: ['researcher'] },
    interactions: seeing,
    types: ['*'],
    where: { purposes: purposesUnder('HRESCH') },
    view: 'deidentified',
  },
];

const ofControl: Rule[] = [
  {
    id: 'log-readers',
    reason: 'Records of activity are looked through regularly (45 CFR 164.308(a)(1)(ii)(D)).',
    effect: 'permit',
    who: { roles: ['auditor', 'security-officer', 'privacy-officer'] },
    interactions: seeing,
    types: ['AuditEvent'],
  },
  {
    id: 'privacy-officer-consents',
    reason: 'The privacy officer records consents and restrictions (45 CFR 164.522).',
    effect: 'permit',
    who: { roles: ['privacy-officer'] },
    interactions: working,
    types: ['Consent', 'Provenance'],
  },
  {
    id: 'developer-test-tenants',
    reason: 'In a test tenant no patient is real.',
    effect: 'permit',
    who: { roles: ['developer'] },
    interactions: everything,
    types: ['*'],
    where: { test: true },
    opens: sensitiveNames,
  },
  {
    id: 'service-scopes',
    reason: 'A program may what its scopes say; an operator gave them.',
    effect: 'permit',
    who: { roles: ['service'] },
    interactions: everything,
    types: ['*'],
  },
];

/**
 * Rules of the house. Administrators and operators have none: their roles open no record. Proxies get nothing sensitive
 * opened: what minors may keep to themselves is labelled in more ways than one (42 CFR 2.14, 45 CFR 164.502(g)(3)).
 */
export const rules: readonly Rule[] = [
  ...ofOwnRecord('patient', allButPsychotherapy),
  ...ofOwnRecord('proxy', []),
  ...ofCare,
  ...ofOffice,
  ...ofControl,
];
