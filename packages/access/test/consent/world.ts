import type { JsonObject } from '@safeguard/kernel';
import type { ConsentAsking } from '../../consent/types.ts';
import { systems } from '../../consent/vocabulary.ts';

export const day = '2026-11-22';
/** Noon of the day on which all is asked, UTC. */
export const noon = Date.parse(`${day}T12:00:00Z`);

export const concept = (system: string, code: string): JsonObject => ({ coding: [{ system, code }] });
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

export const actor = (reference: string, role = 'PRCP'): JsonObject => ({
  role: concept(participation, role),
  reference: { reference },
});
/** Whoever holds a role of the tenant's policy; of an organization's, where one is named. */
export const holder = (role: string, reference?: string): JsonObject => ({
  role: concept(systems.role, role),
  reference: reference === undefined ? { display: 'anybody in the role' } : { reference },
});
export const purpose = (...codes: string[]): JsonObject[] => codes.map((code) => ({ system: systems.purpose, code }));
export const types = (...codes: string[]): JsonObject[] => codes.map((code) => ({ system: systems.types, code }));
export const label = (code: string, system: string = systems.act): JsonObject => ({ system, code });
export const secrecy = (code: string): JsonObject => label(code, systems.confidentiality);
export const loinc = (code: string): JsonObject => concept('http://loinc.org', code);
export const action = (...codes: string[]): JsonObject[] => codes.map((code) => concept(systems.action, code));
export const rule = (code: string, system: string = systems.act): JsonObject => concept(system, code);
export const instance = (reference: string, meaning = 'instance'): JsonObject => ({
  meaning,
  reference: { reference },
});

/** A Consent of patient `p`, given and stored a year ago unless it says otherwise. */
export const consent = (provision: JsonObject | undefined, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Consent',
  id: 'c1',
  meta: { lastUpdated: '2025-11-22T10:00:00.000Z' },
  status: 'active',
  scope: concept(systems.scope, 'patient-privacy'),
  category: [loinc('59284-0')],
  patient: { reference: 'Patient/p' },
  dateTime: '2025-11-22',
  policy: [{ uri: 'https://example.org/privacy' }],
  ...(provision === undefined ? {} : { provision }),
  ...more,
});

export const newer = (provision: JsonObject | undefined, more: JsonObject = {}): JsonObject =>
  consent(provision, { id: 'c2', dateTime: '2026-11-20', meta: { lastUpdated: '2026-11-20T09:00:00.000Z' }, ...more });

/** Practitioner `dr` of organization `clinic`, as a clinician, for treatment. */
export const doctor: ConsentAsking = {
  account: 'a1',
  client: 'app',
  fhir_user: 'Practitioner/dr',
  roles: ['clinician'],
  organizations: ['clinic'],
  careTeams: ['team'],
  practitionerRoles: ['dr-at-clinic'],
  purpose: 'TREAT',
  at: noon,
};
export const service: ConsentAsking = {
  client: 'feed',
  roles: ['service'],
  organizations: [],
  careTeams: [],
  practitionerRoles: [],
  purpose: 'HOPERAT',
  at: noon,
};

const subject = { reference: 'Patient/p' };
export const lab: JsonObject = {
  resourceType: 'Observation',
  id: 'lab',
  status: 'final',
  code: loinc('718-7'),
  subject,
  effectiveDateTime: '2024-05-06T07:00:00Z',
  encounter: { reference: 'Encounter/visit' },
};
export const labelled = (...security: JsonObject[]): JsonObject => ({ ...lab, id: 'labelled', meta: { security } });
export const hivTest: JsonObject = {
  ...lab,
  id: 'hiv',
  code: loinc('75622-1'),
  encounter: { reference: 'Encounter/e2' },
};
export const visit: JsonObject = {
  resourceType: 'Encounter',
  id: 'visit',
  status: 'finished',
  class: { code: 'AMB' },
  subject,
  period: { start: '2024-05-06', end: '2024-05-07' },
};
export const patient: JsonObject = { resourceType: 'Patient', id: 'p', gender: 'female' };
export const prescription: JsonObject = {
  resourceType: 'MedicationRequest',
  id: 'rx',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: concept('http://www.nlm.nih.gov/research/umls/rxnorm', '197884'),
  subject,
  authoredOn: '2025-01-02',
};
export const shot: JsonObject = {
  resourceType: 'Immunization',
  id: 'shot',
  status: 'completed',
  vaccineCode: concept('http://hl7.org/fhir/sid/cvx', '140'),
  patient: subject,
};
export const others: JsonObject = { ...lab, id: 'others', subject: { reference: 'Patient/q' } };
