import type { RoleDefinition } from '../../policy/types.ts';

const officers = ['privacy-officer', 'security-officer', 'administrator'] as const;
/** Roles that see a patient's record at work. */
const atWork = ['clinician', 'practice-clinician', 'front-desk', 'billing', 'researcher', 'break-glass'] as const;
const apartFromDeveloper = [...atWork, 'auditor', 'privacy-officer', 'security-officer', 'administrator'] as const;
const apartFromOperator = [...atWork, 'auditor', 'privacy-officer', 'security-officer'] as const;

/** By what an account or a client is; nobody asks for it. */
const byRelationship = { approvers: [], approvals: 0, longest_days: 365, apart: [] } as const;
/** Standing work with patients' data. */
const working = {
  approvers: officers,
  approvals: 1,
  longest_days: 365,
  apart: ['operator', 'developer'],
  purpose: 'TREAT',
} as const;

export const roles = {
  patient: {
    ...byRelationship,
    title: 'Patient',
    description: 'Sees their own record and adds to it.',
    purpose: 'PATRQT',
  },
  proxy: {
    ...byRelationship,
    title: 'Proxy',
    description: 'Acts for patients; what is labelled as sensitive stays closed.',
    purpose: 'FAMRQT',
  },
  service: {
    ...byRelationship,
    title: 'Service',
    description: 'A program of ours or of a partner; its scopes say what it may.',
    purpose: 'TREAT',
  },
  clinician: {
    ...working,
    title: 'Clinician',
    description: 'Treats the patients on whose active care teams they are.',
    emergency: true,
  },
  'practice-clinician': {
    ...working,
    title: 'Clinician of a small practice',
    description: 'Treats every patient of a practice that keeps no care teams.',
    emergency: true,
  },
  'front-desk': {
    ...working,
    title: 'Front desk',
    description: 'Registers patients, makes appointments and checks coverage; sees nothing clinical.',
    purpose: 'PATADMIN',
  },
  billing: {
    ...working,
    title: 'Billing',
    description: 'Bills what was done: visits, coded conditions and procedures, claims and coverage; no notes.',
    purpose: 'HPAYMT',
  },
  researcher: {
    ...working,
    title: 'Researcher',
    description: 'Sees de-identified records (45 CFR 164.514(b)(2)).',
    approvers: ['privacy-officer'],
    longest_days: 90,
    purpose: 'HRESCH',
  },
  auditor: {
    title: 'Auditor',
    description: 'Reads the log and nothing else.',
    approvers: ['privacy-officer', 'security-officer'],
    approvals: 1,
    longest_days: 90,
    apart: ['administrator', 'operator', 'developer'],
    purpose: 'HCOMPL',
  },
  'security-officer': {
    title: 'Security officer',
    description: 'Answers for safeguards: policies, grants, reviews, the log (45 CFR 164.308(a)(2)).',
    approvers: ['administrator', 'privacy-officer'],
    approvals: 1,
    longest_days: 365,
    apart: ['operator', 'developer'],
    purpose: 'HCOMPL',
  },
  'privacy-officer': {
    title: 'Privacy officer',
    description: "Answers for privacy: consents, disclosures, patients' rights (45 CFR 164.530(a)).",
    approvers: ['administrator', 'security-officer'],
    approvals: 1,
    longest_days: 365,
    apart: ['operator', 'developer'],
    purpose: 'HCOMPL',
  },
  administrator: {
    title: 'Administrator',
    description: 'Manages accounts and clients of the tenant; the role opens no record.',
    approvers: officers,
    approvals: 2,
    longest_days: 365,
    apart: ['auditor', 'developer'],
    purpose: 'HSYSADMIN',
  },
  operator: {
    title: 'Operator',
    description: 'Runs the installation; sees nothing of a patient.',
    approvers: ['security-officer', 'administrator'],
    approvals: 1,
    longest_days: 1,
    apart: [...apartFromOperator, 'developer'],
    purpose: 'HSYSADMIN',
    elevated: true,
  },
  developer: {
    title: 'Developer',
    description: 'Works with test tenants, in which no patient is real.',
    approvers: ['security-officer', 'administrator'],
    approvals: 1,
    longest_days: 90,
    apart: [...apartFromDeveloper, 'operator'],
    purpose: 'HTEST',
  },
  'break-glass': {
    ...working,
    title: 'Emergency access',
    description: "Opens one patient's record in an emergency for at most an hour (45 CFR 164.312(a)(2)(ii)).",
    longest_days: 1,
    purpose: 'ETREAT',
    patients: true,
  },
} satisfies Readonly<Record<string, RoleDefinition>>;

export type RoleName = keyof typeof roles;
