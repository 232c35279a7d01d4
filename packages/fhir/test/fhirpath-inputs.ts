import { parseJson } from '../index.ts';

/**
 * The resources that the FHIRPath vectors ask about, by the file name they give. The vectors come without them, so each
 * is written here with just what they ask: the counts, codes and types of HL7's examples, and no more.
 */
const humans = [
  { use: 'official', family: 'Chalmers', given: ['Peter', 'James'] },
  { use: 'usual', given: ['Jim'] },
  { use: 'maiden', family: 'Windsor', given: ['Peter', 'James'], period: { end: '2002' } },
];

const patient = {
  resourceType: 'Patient',
  id: 'example',
  identifier: [{ use: 'usual', value: '12345', period: { start: '2001-05-06' } }],
  active: true,
  name: humans,
  telecom: [
    { use: 'home' },
    { system: 'phone', value: '(03) 5555 6473', use: 'work' },
    { system: 'phone', value: '(03) 3410 5613', use: 'mobile' },
    { system: 'phone', value: '(03) 5555 8834', use: 'old' },
  ],
  gender: 'male',
  birthDate: '1974-12-25',
  _birthDate: {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
        valueDateTime: '1974-12-25T14:35:45-05:00',
      },
    ],
  },
  deceasedBoolean: false,
};

const observation = {
  resourceType: 'Observation',
  id: 'example',
  extension: [
    {
      url: 'http://example.com/fhir/StructureDefinition/patient-age',
      valueAge: { value: 10, unit: 'year', system: 'http://unitsofmeasure.org', code: 'a' },
    },
  ],
  status: 'final',
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body Weight' }] },
  subject: { reference: 'Patient/example' },
  effectiveDateTime: '2016-03-28',
  valueQuantity: { value: 185, unit: 'lbs', system: 'http://unitsofmeasure.org', code: '[lb_av]' },
};

let questions = 0;
const question = (linkId: string, ...item: object[]): object => ({
  linkId,
  code: [{ system: 'http://example.org/questions', code: `Q${questions++}` }],
  type: item.length > 0 ? 'group' : 'choice',
  ...(item.length > 0 ? { item } : {}),
});

/** Ten items with eleven codings, and one more coding as an answer. */
const questionnaire = {
  resourceType: 'Questionnaire',
  url: 'http://hl7.org/fhir/Questionnaire/3141',
  status: 'draft',
  item: [
    question(
      '1',
      question('1.1', {
        ...question(
          '1.1.1',
          question('1.1.1.1', {
            ...question('1.1.1.1.1'),
            code: [{ code: 'COMCAR00' }, { system: 'http://snomed.info/sct', code: '194828000' }],
          }),
          question('1.1.1.2'),
          question('1.1.1.3'),
        ),
        enableWhen: [{ question: '1.1', operator: '=', answerCoding: { code: 'Y' } }],
      }),
    ),
    question('2', question('2.1', question('2.1.2'))),
  ],
};

const valueSet = {
  resourceType: 'ValueSet',
  url: 'http://hl7.org/fhir/ValueSet/example-expansion',
  version: '20150622',
  status: 'draft',
  expansion: {
    timestamp: '2015-06-22T13:56:07Z',
    contains: [
      { code: '14647-2' },
      { abstract: true, display: 'codes', contains: [{ code: '2093-3' }, { code: '48620-9' }, { code: '9342-7' }] },
      {
        abstract: true,
        display: 'ratios',
        contains: [{ code: '2096-6' }, { code: '35200-5' }, { code: '48089-7' }, { code: '55838-7' }],
      },
    ],
  },
};

const inputs: Readonly<Record<string, object>> = {
  'patient-example.xml': patient,
  'observation-example.xml': observation,
  'questionnaire-example.xml': questionnaire,
  'valueset-example-expansion.xml': valueSet,
  'codesystem-example.xml': {
    resourceType: 'CodeSystem',
    status: 'draft',
    content: 'complete',
    concept: [{ code: 'chol-mass' }, { code: 'chol-mass' }, { code: 'chol' }],
  },
  'parameters-example-types.xml': {
    resourceType: 'Parameters',
    parameter: [
      { name: 'string', valueString: 'string value' },
      { name: 'integer', valueInteger: 1 },
      { name: 'uuid', valueUuid: 'urn:uuid:9ad5a7bb-9a1f-4c4b-8d3c-5a2b6f3a1a10' },
      { name: 'decimal', valueDecimal: 1.5 },
    ],
  },
  'patient-example-period.xml': {
    ...patient,
    identifier: [{ value: '12345', period: { start: '2001-05-06', end: '2001-05-06T10:10:10Z' } }],
  },
  'explanationofbenefit-example.json': {
    resourceType: 'ExplanationOfBenefit',
    supportingInfo: [
      { sequence: 1, category: { coding: [{ code: 'info' }] } },
      { sequence: 2, category: { coding: [{ code: 'additionalbodysite' }] } },
      { sequence: 3, category: { coding: [{ code: 'additionalbodysite' }] } },
    ],
    item: [
      { sequence: 1, informationSequence: [2] },
      { sequence: 2, informationSequence: [3] },
    ],
  },
  'appointment-examplereq.json': {
    resourceType: 'Appointment',
    identifier: [{ system: 'http://example.org/sampleappointment-identifier', value: '123' }],
    status: 'proposed',
  },
  'patient-container-example.json': {
    resourceType: 'Patient',
    contained: [{ resourceType: 'Organization', id: '1', name: 'Inline' }],
    managingOrganization: { reference: '#1' },
  },
  'patient-name-extensions.json': {
    resourceType: 'Patient',
    name: [
      {
        given: [null, 'James'],
        _given: [{ extension: [{ url: 'https://example.org/syllable-count', valueString: 'five' }] }],
      },
    ],
  },
};

/** The resource of a vector, parsed as the server parses one. */
export function inputNamed(name: string): unknown {
  const found = inputs[name];
  if (!found) throw new Error(`no input ${name}`);
  return parseJson(Buffer.from(JSON.stringify(found)));
}
