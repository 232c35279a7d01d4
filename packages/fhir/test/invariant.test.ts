import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '../index.ts';
import { condition, observation, patient, plant, questionnaire } from './fixtures.ts';

type Any = Record<string, unknown>;
type Row = [key: string, resource: () => Any, path: string, value: unknown, at: string];

const ref = { reference: 'Patient/1' };
const coded = (code: string, system = 'http://a.org'): Any => ({ coding: [{ system, code }] });
const ucum = (value: number, code = 'h'): Any => ({ value, system: 'http://unitsofmeasure.org', code });
const make =
  (resourceType: string, more: Any): (() => Any) =>
  () =>
    structuredClone({ resourceType, ...more });

const request = make('MedicationRequest', {
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: coded('x'),
  subject: ref,
  dosageInstruction: [{ timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', offset: 5, when: ['MORN'] } } }],
});
const repeat = 'dosageInstruction.0.timing.repeat';
const atRepeat = 'MedicationRequest.dosageInstruction[0].timing.repeat';
const organization = make('Organization', { name: 'x', telecom: [{ system: 'phone', value: '1', use: 'work' }] });
const allergy = make('AllergyIntolerance', {
  patient: ref,
  clinicalStatus: coded('active', 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical'),
});
const parameters = make('Parameters', { parameter: [{ name: 'a', valueString: 'x' }] });
const risk = make('RiskAssessment', { status: 'final', subject: ref, prediction: [{ probabilityDecimal: 50 }] });
const valueSet = make('ValueSet', {
  status: 'draft',
  compose: { include: [{ system: 'http://a.org', concept: [{ code: 'x' }] }] },
});
const codeSystem = make('CodeSystem', {
  status: 'draft',
  content: 'complete',
  concept: [{ code: 'a', concept: [{ code: 'b' }] }, { code: 'c' }],
});
const task = make('Task', { status: 'draft', intent: 'order', authoredOn: '2020-01-01', lastModified: '2020-01-02' });
const structure = make('StructureDefinition', {
  url: 'http://a.org/x',
  name: 'X',
  status: 'draft',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient', path: 'Patient', min: 0, max: '1' }] },
});
const composition = make('Composition', {
  status: 'final',
  type: coded('x'),
  date: '2020',
  author: [ref],
  title: 'x',
  section: [{ title: 'x', entry: [ref] }],
});
const dispense = make('MedicationDispense', {
  status: 'completed',
  medicationCodeableConcept: coded('x'),
  whenPrepared: '2020-01-01',
  whenHandedOver: '2020-01-02',
});
const team = make('CareTeam', {
  participant: [{ member: { reference: 'Practitioner/1' }, onBehalfOf: { display: 'x' } }],
});
const goal = make('Goal', {
  lifecycleStatus: 'active',
  description: coded('x'),
  subject: ref,
  target: [{ measure: coded('m'), detailString: 'x' }],
});

const rows: Row[] = [
  ['obs-6', observation, 'dataAbsentReason', coded('unknown'), 'Observation'],
  [
    'obs-7',
    observation,
    'component.0.code',
    { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    'Observation',
  ],
  ['obs-3', observation, 'referenceRange', [{ type: coded('x') }], 'Observation.referenceRange[0]'],
  ['qty-3', observation, 'valueQuantity.system', undefined, 'Observation.valueQuantity'],
  [
    'rng-2',
    observation,
    'component.0',
    { code: { text: 'c' }, valueRange: { low: ucum(2), high: ucum(1) } },
    'Observation.component[0].valueRange',
  ],
  [
    'rat-1',
    observation,
    'component.0',
    { code: { text: 'c' }, valueRatio: { numerator: ucum(2) } },
    'Observation.component[0].valueRatio',
  ],
  [
    'sqty-1',
    observation,
    'referenceRange',
    [{ low: { value: 1, comparator: '<' } }],
    'Observation.referenceRange[0].low',
  ],
  ['con-4', condition, 'abatementDateTime', '2020', 'Condition'],
  [
    'con-5',
    condition,
    'verificationStatus',
    coded('entered-in-error', 'http://terminology.hl7.org/CodeSystem/condition-ver-status'),
    'Condition',
  ],
  ['con-1', condition, 'stage', [{ type: coded('x') }], 'Condition.stage[0]'],
  ['age-1', condition, 'onsetAge.value', -1, 'Condition.onsetAge'],
  ['pat-1', patient, 'contact.0', { gender: 'male' }, 'Patient.contact[0]'],
  ['cpt-2', patient, 'telecom.0.system', undefined, 'Patient.telecom[0]'],
  ['att-1', patient, 'photo', [{ data: 'AAAA' }], 'Patient.photo[0]'],
  ['dom-3', patient, 'managingOrganization', { display: 'x' }, 'Patient'],
  ['ait-1', allergy, 'clinicalStatus', undefined, 'AllergyIntolerance'],
  [
    'ait-2',
    allergy,
    'verificationStatus',
    coded('entered-in-error', 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification'),
    'AllergyIntolerance',
  ],
  ['tim-1', request, `${repeat}.duration`, 1, atRepeat],
  ['tim-2', request, `${repeat}.periodUnit`, undefined, atRepeat],
  ['tim-4', request, repeat, { duration: -1, durationUnit: 'h' }, atRepeat],
  ['tim-5', request, `${repeat}.period`, -1, atRepeat],
  ['tim-6', request, repeat, { periodMax: 1 }, atRepeat],
  ['tim-7', request, repeat, { durationMax: 1 }, atRepeat],
  ['tim-8', request, repeat, { countMax: 1 }, atRepeat],
  ['tim-9', request, `${repeat}.when`, ['MORN', 'CM'], atRepeat],
  ['tim-10', request, `${repeat}.timeOfDay`, ['10:00:00'], atRepeat],
  ['org-1', organization, 'name', undefined, 'Organization'],
  ['org-2', organization, 'address', [{ use: 'home', city: 'x' }], 'Organization.address[0]'],
  ['org-3', organization, 'telecom.0.use', 'home', 'Organization.telecom[0]'],
  ['inv-1', parameters, 'parameter.0.resource', { resourceType: 'Basic', code: coded('x') }, 'Parameters.parameter[0]'],
  ['inv-1', task, 'lastModified', '2019-01-01', 'Task'],
  ['ras-2', risk, 'prediction.0.probabilityDecimal', 101, 'RiskAssessment.prediction[0]'],
  [
    'ras-1',
    risk,
    'prediction.0',
    { probabilityRange: { low: { value: 1 } } },
    'RiskAssessment.prediction[0].probabilityRange',
  ],
  ['vsd-1', valueSet, 'compose.include.0', { version: '1' }, 'ValueSet.compose.include[0]'],
  [
    'vsd-2',
    valueSet,
    'compose.include.0',
    { valueSet: ['http://b.org'], concept: [{ code: 'x' }] },
    'ValueSet.compose.include[0]',
  ],
  [
    'vsd-3',
    valueSet,
    'compose.include.0.filter',
    [{ property: 'p', op: '=', value: 'x' }],
    'ValueSet.compose.include[0]',
  ],
  ['csd-1', codeSystem, 'concept.0.concept.0.code', 'c', 'CodeSystem'],
  ['que-2', questionnaire, 'item.0.item.0.linkId', '1', 'Questionnaire'],
  ['que-1', questionnaire, 'item.0.type', 'display', 'Questionnaire.item[0]'],
  ['que-3', questionnaire, 'item.0', { linkId: '1', type: 'display', code: [{ code: 'x' }] }, 'Questionnaire.item[0]'],
  [
    'que-7',
    questionnaire,
    'item.0.item.0.enableWhen',
    [{ question: '1', operator: 'exists', answerString: 'x' }],
    'Questionnaire.item[0].item[0].enableWhen[0]',
  ],
  [
    'que-12',
    questionnaire,
    'item.0.item.0.enableWhen',
    [1, 2, 3].map(() => ({ question: '1', operator: 'exists', answerBoolean: true })),
    'Questionnaire.item[0].item[0]',
  ],
  [
    'que-13',
    questionnaire,
    'item.0.item.0.initial',
    [{ valueBoolean: true }, { valueBoolean: false }],
    'Questionnaire.item[0].item[0]',
  ],
  ['eld-3', structure, 'differential.element.0.max', 'x', 'StructureDefinition.differential.element[0].max'],
  [
    'eld-14',
    structure,
    'differential.element.0.constraint',
    [1, 2].map(() => ({ key: 'a', severity: 'error', human: 'x' })),
    'StructureDefinition.differential.element[0]',
  ],
  ['sdf-4', structure, 'baseDefinition', undefined, 'StructureDefinition'],
  ['sdf-8a', structure, 'differential.element.0.path', 'Observation', 'StructureDefinition.differential'],
  ['sdf-14', structure, 'differential.element.0.id', undefined, 'StructureDefinition'],
  ['cmp-1', composition, 'section.0.entry', undefined, 'Composition.section[0]'],
  ['mdd-1', dispense, 'whenHandedOver', '2019', 'MedicationDispense'],
  ['ctm-1', team, 'participant.0.member.reference', 'Patient/1', 'CareTeam.participant[0]'],
  ['gol-1', goal, 'target.0.measure', undefined, 'Goal.target[0]'],
];

for (const [key, resource, path, value, at] of rows) {
  test(`${key} is found, and only where it is broken`, () => {
    assert.deepEqual(validate(resource()), []);
    const issues = validate(plant(resource(), path, value));
    const found = issues.find((issue) => issue.code === 'invariant' && issue.text.endsWith(`(${key})`));
    assert.equal(found?.at, at, JSON.stringify(issues));
    assert.equal(found?.severity, 'error');
  });
}

test('times and amounts that cannot be compared leave a constraint open', () => {
  assert.deepEqual(validate(plant(dispense(), 'whenHandedOver', '2020')), []);
  const range = { code: { text: 'c' }, valueRange: { low: ucum(2, 'h'), high: ucum(1, 'kg') } };
  assert.deepEqual(validate(plant(observation(), 'component.0', range)), []);
  assert.deepEqual(validate(plant(team(), 'participant.0.member', { display: 'x' })), []);
});

test('a warning of R4 is told when it is asked for, and never refuses a write', () => {
  assert.deepEqual(validate(valueSet()), []);
  const issues = validate(plant(valueSet(), 'name', 'not a name'), { warnings: true });
  assert.deepEqual(
    issues.map(({ severity, text }) => [severity, /\((.*)\)$/.exec(text)?.[1]]),
    [
      ['warning', 'dom-6'],
      ['warning', 'vsd-0'],
    ],
  );
  assert.deepEqual(validate(patient(), { warnings: true }), []);
});

test('%resource is the contained resource itself', () => {
  const inner = plant(observation(), 'subject', undefined);
  const outer: Any = {
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: coded('8867-4', 'http://loinc.org'),
    contained: [{ ...inner, id: 'o', component: [{ code: coded('8867-4', 'http://loinc.org'), valueInteger: 1 }] }],
    result: [{ reference: '#o' }],
  };
  assert.deepEqual(
    validate(outer).map(({ at }) => at),
    ['DiagnosticReport.contained[0]'],
  );
});

test('many codings, concepts, items and contained resources cost time in proportion', () => {
  const many = <T>(count: number, one: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => one(index));
  const sizes = [1000, 8000].map((count) => {
    const resources: Any[] = [
      {
        ...plant(observation(), 'component', undefined),
        code: { coding: many(count, (index) => ({ code: `a${index}` })) },
        component: many(count, (index) => ({ code: { coding: [{ code: `b${index}` }] }, valueInteger: 1 })),
      },
      { ...codeSystem(), concept: many(count, (index) => ({ code: `c${index}` })) },
      {
        ...questionnaire(),
        item: many(count, (index) => ({
          linkId: `l${index}`,
          type: 'group',
          item: [{ linkId: `m${index}`, type: 'string' }],
        })),
      },
      {
        resourceType: 'Basic',
        code: coded('x'),
        contained: many(count, (index) => ({ resourceType: 'Basic', id: `i${index}`, code: coded('x') })),
        extension: many(count, (index) => ({ url: 'http://a.org', valueReference: { reference: `#i${index}` } })),
      },
    ];
    const before = process.cpuUsage();
    for (const resource of resources) assert.deepEqual(validate(resource), []);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  const [small = 1, large = 0] = sizes;
  assert.ok(large < 40 * small, `${small} and ${large} µs: eight times the size may not cost 64 times the time`);
});

test('no finding repeats what was sent', () => {
  for (const [, resource, path, value] of rows) {
    const secret = JSON.stringify(plant(resource(), path, value)).replaceAll('"x"', '"SECRET-7"');
    for (const { text } of validate(JSON.parse(secret))) assert.ok(!text.includes('SECRET-7'));
  }
});

test('deep nesting is refused without walking it', () => {
  let deep: Any = { url: 'http://a.org' };
  for (let level = 0; level < 5000; level++) deep = { url: 'http://a.org', extension: [deep] };
  const issues = validate({ ...patient(), extension: [deep] });
  assert.ok(issues.some(({ code }) => code === 'too-costly'));
});
