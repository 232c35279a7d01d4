import { codeList, type ElementDefinition, typeDefinition } from '@safeguard/fhir';

type Json = Record<string, unknown>;

const primitives: Readonly<Record<string, unknown>> = {
  base64Binary: 'YQ==',
  boolean: false,
  canonical: 'http://example.org/canonical',
  code: 'a',
  date: '2026-01-02',
  dateTime: '2026-01-02T03:04:05Z',
  decimal: 1.5,
  id: 'a',
  instant: '2026-01-02T03:04:05Z',
  integer: 1,
  markdown: 'text',
  oid: 'urn:oid:1.2.3',
  positiveInt: 1,
  string: 'text',
  time: '03:04:05',
  unsignedInt: 1,
  uri: 'http://example.org/uri',
  url: 'http://example.org/url',
  uuid: 'urn:uuid:4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">text</div>',
};

/** Datatypes without a required element, with something in them. */
const filled: Readonly<Record<string, Json>> = {
  CodeableConcept: { text: 'text' },
  Coding: { display: 'text' },
  Reference: { display: 'text' },
  Identifier: { value: 'text' },
  HumanName: { text: 'text' },
  Quantity: { value: 1 },
  Money: { value: 1 },
  Period: { start: '2026-01-02' },
  Range: { low: { value: 1 } },
  Annotation: { text: 'text' },
  Attachment: { title: 'text' },
  Timing: { event: ['2026-01-02'] },
  Dosage: { text: 'text' },
  DataRequirement: { type: 'Patient' },
  Expression: { language: 'text/cql', expression: 'true' },
  RelatedArtifact: { type: 'citation' },
  UsageContext: { code: { code: 'a' }, valueCodeableConcept: { text: 'text' } },
  Narrative: { status: 'generated', div: primitives.xhtml },
};

/** What invariants, or a `Resource` inside, ask for beside required elements. */
const more: Readonly<Record<string, Json>> = {
  AllergyIntolerance: {
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
  },
  Appointment: { status: 'proposed', participant: [{ status: 'accepted', actor: { display: 'text' } }] },
  AppointmentResponse: { actor: { display: 'text' } },
  Consent: { policyRule: { text: 'text' } },
  EventDefinition: { trigger: [{ type: 'named-event', name: 'text' }] },
  ImmunizationRecommendation: {
    recommendation: [{ forecastStatus: { text: 'text' }, vaccineCode: [{ text: 'text' }] }],
  },
  InsurancePlan: { name: 'text' },
  Linkage: { item: [1, 2].map(() => ({ type: 'alternate', resource: { display: 'text' } })) },
  Bundle: { type: 'collection' },
  CapabilityStatement: { kind: 'capability', software: { name: 'text' }, rest: [{ mode: 'server' }], status: 'draft' },
  ConceptMap: { sourceUri: 'http://example.org/a' },
  Condition: {
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
  },
  ImplementationGuide: { name: 'Guide', url: 'http://example.org/ig' },
  Location: { name: 'text' },
  Organization: { name: 'text' },
  SearchParameter: {
    code: 'minimal',
    expression: 'Basic.code',
    type: 'token',
    base: ['Basic'],
    url: 'http://example.org/sp',
  },
  StructureDefinition: {
    name: 'Minimal',
    kind: 'logical',
    abstract: false,
    type: 'http://example.org/Minimal',
    url: 'http://example.org/StructureDefinition/Minimal',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
    derivation: 'specialization',
    differential: { element: [{ id: 'Minimal', path: 'Minimal' }] },
  },
  TerminologyCapabilities: { kind: 'requirements', description: 'text' },
  ValueSet: { name: 'Minimal' },
};

function sampleOf(definition: ElementDefinition, depth: number): unknown {
  const [type = 'string'] = definition.types;
  if (definition.binding !== undefined) {
    const [system, codes] = Object.entries(codeList(definition.binding) ?? {})[0] ?? [];
    if (codes?.[0] !== undefined) {
      if (type === 'code') return codes[0];
      if (type === 'Coding') return { system, code: codes[0] };
      if (type === 'CodeableConcept') return { coding: [{ system, code: codes[0] }] };
    }
  }
  if (type in primitives) return primitives[type];
  if (type === 'Resource') return { resourceType: 'Basic', code: { text: 'text' } };
  const made = required(type, depth + 1);
  return Object.keys(made).length > 0 ? made : (filled[type] ?? { id: 'a' });
}

function required(type: string, depth = 0): Json {
  const made: Json = {};
  const seen = new Set<string>();
  for (const [property, definition] of typeDefinition(type)?.elements ?? []) {
    if (definition.min === 0 || seen.has(definition.name) || depth > 6) continue;
    seen.add(definition.name);
    const value = sampleOf(definition, depth);
    made[property] = definition.list ? [value] : value;
  }
  return made;
}

/** A resource of the type with little more than R4 requires of it. */
export const minimalResource = (type: string): Json => ({ resourceType: type, ...required(type), ...more[type] });
