import type { Resource } from '../types.ts';
import { concept, loinc, quantity, terminology } from '../words/concepts.ts';
import type { CanaryMaker } from './canary.ts';

type Plant = CanaryMaker['plant'];
type Named = readonly [fullUrl: string, resource: Resource];

const narrative = (plant: Plant, type: string): object => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${plant('name', `${type}.text.div`)}</p></div>`,
});

const relatedPerson = (plant: Plant, patient: string): Resource => ({
  resourceType: 'RelatedPerson',
  text: narrative(plant, 'RelatedPerson'),
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: plant('ssn', 'RelatedPerson.identifier[0].value') }],
  patient: { reference: patient, display: plant('name', 'RelatedPerson.patient.display') },
  name: [
    { family: plant('name', 'RelatedPerson.name[0].family'), given: [plant('name', 'RelatedPerson.name[0].given[0]')] },
  ],
  telecom: [
    { system: 'phone', value: plant('phone', 'RelatedPerson.telecom[0].value') },
    { system: 'email', value: plant('email', 'RelatedPerson.telecom[1].value') },
  ],
  birthDate: plant('date', 'RelatedPerson.birthDate'),
  address: [{ line: [plant('geographic', 'RelatedPerson.address[0].line[0]')] }],
  photo: [{ contentType: 'image/jpeg', data: plant('photo', 'RelatedPerson.photo[0].data') }],
});

const practitioner = (plant: Plant): Resource => ({
  resourceType: 'Practitioner',
  identifier: [
    { system: 'https://fhir.example.org/canary', value: plant('licence', 'Practitioner.identifier[0].value') },
  ],
  name: [
    { family: plant('name', 'Practitioner.name[0].family'), given: [plant('name', 'Practitioner.name[0].given[0]')] },
  ],
  telecom: [
    { system: 'fax', value: plant('fax', 'Practitioner.telecom[0].value') },
    { system: 'url', value: plant('url', 'Practitioner.telecom[1].value') },
  ],
  address: [{ line: [plant('geographic', 'Practitioner.address[0].line[0]')] }],
  birthDate: plant('date', 'Practitioner.birthDate'),
  photo: [{ contentType: 'image/jpeg', data: plant('photo', 'Practitioner.photo[0].data') }],
  qualification: [
    {
      identifier: [{ value: plant('licence', 'Practitioner.qualification[0].identifier[0].value') }],
      code: { text: 'Physician' },
    },
  ],
});

const device = (plant: Plant, patient: string): Resource => ({
  resourceType: 'Device',
  identifier: [{ system: 'https://fhir.example.org/canary', value: plant('device', 'Device.identifier[0].value') }],
  udiCarrier: [
    {
      deviceIdentifier: plant('device', 'Device.udiCarrier[0].deviceIdentifier'),
      carrierHRF: plant('device', 'Device.udiCarrier[0].carrierHRF'),
    },
  ],
  status: 'active',
  distinctIdentifier: plant('device', 'Device.distinctIdentifier'),
  serialNumber: plant('device', 'Device.serialNumber'),
  patient: { reference: patient, display: plant('name', 'Device.patient.display') },
  contact: [{ system: 'phone', value: plant('phone', 'Device.contact[0].value') }],
  url: `http://[${plant('ip', 'Device.url')}]/`,
});

const coverage = (plant: Plant, patient: string): Resource => ({
  resourceType: 'Coverage',
  identifier: [
    { system: 'https://plan.example.org/member', value: plant('health-plan', 'Coverage.identifier[0].value') },
  ],
  status: 'active',
  subscriber: { reference: patient, display: plant('name', 'Coverage.subscriber.display') },
  subscriberId: plant('health-plan', 'Coverage.subscriberId'),
  beneficiary: {
    reference: patient,
    identifier: { value: plant('medical-record', 'Coverage.beneficiary.identifier.value') },
    display: plant('name', 'Coverage.beneficiary.display'),
  },
  payor: [{ reference: patient, display: plant('name', 'Coverage.payor[0].display') }],
});

const account = (plant: Plant, patient: string): Resource => ({
  resourceType: 'Account',
  identifier: [{ system: 'https://fhir.example.org/account', value: plant('account', 'Account.identifier[0].value') }],
  status: 'active',
  name: plant('name', 'Account.name'),
  subject: [{ reference: patient, display: plant('name', 'Account.subject[0].display') }],
});

const encounter = (plant: Plant, patient: string, doctor: string): Resource => ({
  resourceType: 'Encounter',
  text: narrative(plant, 'Encounter'),
  contained: [
    {
      resourceType: 'RelatedPerson',
      id: 'companion',
      patient: { reference: patient },
      name: [{ text: plant('name', 'Encounter.contained[0].name[0].text') }],
      telecom: [{ system: 'phone', value: plant('phone', 'Encounter.contained[0].telecom[0].value') }],
      birthDate: plant('date', 'Encounter.contained[0].birthDate'),
    },
  ],
  identifier: [
    { system: 'https://fhir.example.org/encounter', value: plant('other', 'Encounter.identifier[0].value') },
  ],
  status: 'finished',
  class: { system: `${terminology}/v3-ActCode`, code: 'AMB' },
  subject: { reference: patient, display: plant('name', 'Encounter.subject.display') },
  participant: [
    { individual: { reference: doctor, display: plant('name', 'Encounter.participant[0].individual.display') } },
    { individual: { reference: '#companion', display: plant('name', 'Encounter.participant[1].individual.display') } },
  ],
});

const observation = (plant: Plant, patient: string, doctor: string, visit: string): Resource => ({
  resourceType: 'Observation',
  text: narrative(plant, 'Observation'),
  identifier: [{ system: 'https://fhir.example.org/result', value: plant('other', 'Observation.identifier[0].value') }],
  status: 'final',
  code: concept(loinc('8867-4', 'Heart rate')),
  subject: {
    reference: patient,
    type: 'Patient',
    identifier: {
      system: 'https://fhir.example.org/mrn',
      value: plant('medical-record', 'Observation.subject.identifier.value'),
    },
    display: plant('name', 'Observation.subject.display'),
  },
  encounter: { reference: visit },
  effectiveDateTime: '2020-02-29T12:00:00Z',
  performer: [{ reference: doctor, display: plant('name', 'Observation.performer[0].display') }],
  valueQuantity: quantity(72, 'beats/minute', '/min'),
});

const document = (plant: Plant, patient: string, doctor: string): Resource => ({
  resourceType: 'DocumentReference',
  masterIdentifier: { value: plant('other', 'DocumentReference.masterIdentifier.value') },
  identifier: [{ value: plant('other', 'DocumentReference.identifier[0].value') }],
  status: 'current',
  subject: { reference: patient, display: plant('name', 'DocumentReference.subject.display') },
  author: [{ reference: doctor, display: plant('name', 'DocumentReference.author[0].display') }],
  content: [{ attachment: { contentType: 'text/plain', data: Buffer.from('A note.').toString('base64') } }],
  context: {
    sourcePatientInfo: {
      reference: patient,
      display: plant('name', 'DocumentReference.context.sourcePatientInfo.display'),
    },
  },
});

/** The resources around a Patient, each with canaries of its own. */
export function plantAround({ plant, rng }: CanaryMaker, patient: string): Named[] {
  const name = (): string => `urn:uuid:${rng.uuid()}`;
  const [doctor, visit] = [name(), name()];
  return [
    [name(), relatedPerson(plant, patient)],
    [doctor, practitioner(plant)],
    [name(), device(plant, patient)],
    [name(), coverage(plant, patient)],
    [name(), account(plant, patient)],
    [visit, encounter(plant, patient, doctor)],
    [name(), observation(plant, patient, doctor, visit)],
    [name(), document(plant, patient, doctor)],
  ];
}
