import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { resourceTypes, typeDefinition } from '@safeguard/fhir';
import type { Answer, Asked } from '../../harness/instance.ts';
import { minimalResource } from '../../journeys/minimal-resources.ts';

/** What the intruder is after: of each type of R4 something of every kind that rules tell apart. */

type Json = Record<string, unknown>;

export type Kind = 'mine' | 'hiv' | 'psychotherapy' | 'other' | 'refused' | 'shared' | 'foreign' | 'unknown';

/** One resource, and what the rules may know it by. */
export interface Planted {
  readonly type: string;
  readonly id: string;
  readonly kind: Kind;
  /** Which of the two tenants. */
  readonly tenant: 'here' | 'there';
  /** In whose compartment; absent: nobody's. */
  readonly patient?: string;
  readonly label?: 'hiv' | 'psychotherapy-notes';
  /** Stands in the tag and in nothing else. */
  readonly canary: string;
  /** As it was sent, with its id. */
  readonly body: Json;
}

/** A: the clinician treats them. B: somebody else's. C: treated too, and refuses. F: of the other tenant. */
export interface Patients {
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly f: string;
}

export interface World {
  readonly patients: Patients;
  readonly planted: readonly Planted[];
}

/** FHIR R4's Patient compartment: the types, and by which element a resource of ours is in it where not `subject`. */
const bySubject = `Account AdverseEvent Basic CarePlan CareTeam ChargeItem ClinicalImpression Communication
  CommunicationRequest Composition Condition DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest
  DocumentReference Encounter Flag Goal ImagingStudy Invoice List MeasureReport Media MedicationAdministration
  MedicationDispense MedicationRequest MedicationStatement Observation Procedure QuestionnaireResponse RequestGroup
  RiskAssessment ServiceRequest Specimen`.split(/\s+/);
const byPatient = `AllergyIntolerance BodyStructure Claim ClaimResponse Consent CoverageEligibilityRequest
  CoverageEligibilityResponse DetectedIssue EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Immunization
  ImmunizationEvaluation ImmunizationRecommendation MolecularSequence NutritionOrder RelatedPerson SupplyDelivery
  VisionPrescription`.split(/\s+/);
const particular: Readonly<Record<string, (at: Json) => Json>> = {
  Appointment: (at) => ({ participant: [{ status: 'accepted', actor: at }] }),
  AppointmentResponse: (at) => ({ actor: at }),
  Coverage: (at) => ({ beneficiary: at }),
  EnrollmentRequest: (at) => ({ candidate: at }),
  Group: (at) => ({ type: 'person', actual: true, member: [{ entity: at }] }),
  Person: (at) => ({ link: [{ target: at }] }),
  Provenance: (at) => ({ target: [at] }),
  ResearchSubject: (at) => ({ individual: at }),
  Schedule: (at) => ({ actor: [at] }),
  SupplyRequest: (at) => ({ deliverTo: at }),
};
export const ofPatients: ReadonlySet<string> = new Set([...bySubject, ...byPatient, ...Object.keys(particular)]);

/** What must not do anything by itself once it is stored. */
const harmless: Readonly<Record<string, Json>> = {
  Consent: { status: 'draft' },
  SearchParameter: { status: 'draft' },
  StructureDefinition: { status: 'draft' },
  Subscription: { status: 'off' },
};

const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const codeOf = { hiv: 'HIV', 'psychotherapy-notes': 'PSYTHPN' } as const;
const tags = 'http://example.org/canary';

const one = (type: string, element: string, value: unknown): Json => ({
  [element]: typeDefinition(type)?.elements.get(element)?.list ? [value] : value,
});

function inCompartment(type: string, patient: string): Json {
  const at = { reference: `Patient/${patient}` };
  const made = particular[type];
  if (made !== undefined) return made(at);
  return one(type, byPatient.includes(type) ? 'patient' : 'subject', at);
}

/** No UUID: some views give these names of their own. */
export const newCanary = (): string => `cnry-${randomBytes(12).toString('hex')}`;
export const canariesIn = (text: string): ReadonlySet<string> => new Set(text.match(/cnry-[0-9a-f]{24}/g) ?? []);

/** A sound resource of a type, of a patient where the type is of patients. */
export function bodyOf(type: string, of: { patient?: string; label?: Planted['label']; canary?: string } = {}): Json {
  const { patient, label, canary = newCanary() } = of;
  const security = label === undefined ? {} : { security: [{ system: act, code: codeOf[label] }] };
  return {
    ...minimalResource(type),
    ...harmless[type],
    ...(patient !== undefined && ofPatients.has(type) ? inCompartment(type, patient) : {}),
    meta: { tag: [{ system: tags, code: canary }], ...security },
  };
}

type Ask = (asked: Asked) => Promise<Answer>;

async function plant(ask: Ask, one: Omit<Planted, 'id' | 'canary' | 'body'>, more: Json = {}): Promise<Planted> {
  const { type, patient, label } = one;
  const canary = newCanary();
  const about = { canary, ...(patient && { patient }), ...(label && { label }) };
  const body = { ...bodyOf(type, about), ...more };
  const made = await ask({ method: 'POST', path: `/fhir/R4/${type}`, body });
  assert.equal(made.status, 201, `${type}: ${made.text}`);
  const own = type === 'Patient' ? { patient: made.json.id } : {};
  return { ...one, ...own, id: made.json.id, canary, body: { ...body, id: made.json.id } };
}

/** Everything of C is refused to everybody. */
const refusal = {
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  dateTime: '2020-01-01T00:00:00Z',
  provision: { type: 'deny' },
};

const treating = (practitioner: string): Json => ({
  status: 'active',
  participant: [{ member: { reference: practitioner } }],
});

/** The log is nobody's to write. */
export const plantedTypes: readonly string[] = resourceTypes.filter((type) => type !== 'AuditEvent');

/** Where psychotherapy notes are: not in every type. */
const noted = new Set(['ClinicalImpression', 'Composition', 'DocumentReference', 'Encounter', 'Observation']);

type Here = Omit<Patients, 'f'>;

/** Of a type of patients four or five, of another one. */
function kindsOf(type: string, { a, b, c }: Here): Omit<Planted, 'id' | 'canary' | 'body'>[] {
  const tenant = 'here';
  if (!ofPatients.has(type)) return [{ type, tenant, kind: 'shared' }];
  return [
    { type, tenant, kind: 'mine', patient: a },
    { type, tenant, kind: 'hiv', patient: a, label: 'hiv' },
    ...(noted.has(type)
      ? [{ type, tenant, kind: 'psychotherapy', patient: a, label: 'psychotherapy-notes' } as const]
      : []),
    { type, tenant, kind: 'other', patient: b },
    { type, tenant, kind: 'refused', patient: c },
  ];
}

/** The doctor's own Practitioner, three patients, and around them one of everything. */
export async function plantHere(ask: Ask, doctor: Planted, only: readonly string[] = plantedTypes) {
  const here = { type: 'Patient', tenant: 'here' } as const;
  const [a, b, c] = [
    await plant(ask, { ...here, kind: 'mine' }),
    await plant(ask, { ...here, kind: 'other' }),
    await plant(ask, { ...here, kind: 'refused' }),
  ];
  const people = { a: a.id, b: b.id, c: c.id };
  const team = { type: 'CareTeam', tenant: 'here' } as const;
  const more = treating(`Practitioner/${doctor.id}`);
  const planted = [
    ...[doctor, a, b, c],
    await plant(ask, { ...team, kind: 'mine', patient: a.id }, more),
    await plant(ask, { ...team, kind: 'refused', patient: c.id }, more),
    await plant(ask, { type: 'Consent', tenant: 'here', kind: 'refused', patient: c.id }, refusal),
  ];
  for (const type of only) {
    if (type === 'Patient') continue;
    for (const each of kindsOf(type, people)) planted.push(await plant(ask, each));
  }
  return { patients: people, planted };
}

export const plantDoctor = (ask: Ask): Promise<Planted> =>
  plant(ask, { type: 'Practitioner', tenant: 'here', kind: 'shared' });

/** The other tenant's: one patient, and one of everything. */
export async function plantThere(ask: Ask, only: readonly string[] = plantedTypes) {
  const there = { tenant: 'there', kind: 'foreign' } as const;
  const f = await plant(ask, { type: 'Patient', ...there });
  const planted = [f];
  for (const type of only) {
    if (type === 'Patient') continue;
    planted.push(await plant(ask, { type, ...there, ...(ofPatients.has(type) ? { patient: f.id } : {}) }));
  }
  return { f: f.id, planted };
}
