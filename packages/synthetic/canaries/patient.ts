import type { Resource } from '../types.ts';
import type { CanaryMaker } from './canary.ts';

type Plant = CanaryMaker['plant'];
const core = 'http://hl7.org/fhir/StructureDefinition';

const numbered = (plant: Plant): object[] => {
  const identifier = (at: number, text: string, category: Parameters<Plant>[0]): object => ({
    type: { text },
    system: 'https://fhir.example.org/canary',
    value: plant(category, `Patient.identifier[${at}].value`),
  });
  return [
    { ...identifier(0, 'Social Security number', 'ssn'), system: 'http://hl7.org/fhir/sid/us-ssn' },
    identifier(1, 'Medical record number', 'medical-record'),
    identifier(2, 'Health plan beneficiary number', 'health-plan'),
    identifier(3, 'Account number', 'account'),
    identifier(4, 'Driver’s license number', 'licence'),
    identifier(5, 'Vehicle identification number', 'vehicle'),
    identifier(6, 'Any other unique number', 'other'),
    {
      ...identifier(7, 'Passport number', 'licence'),
      assigner: { display: plant('other', 'Patient.identifier[7].assigner.display') },
    },
  ];
};

const telecom = (plant: Plant): object[] => [
  { system: 'phone', value: plant('phone', 'Patient.telecom[0].value'), use: 'mobile' },
  { system: 'fax', value: plant('fax', 'Patient.telecom[1].value') },
  { system: 'email', value: plant('email', 'Patient.telecom[2].value') },
  { system: 'url', value: plant('url', 'Patient.telecom[3].value') },
  { system: 'other', value: plant('ip', 'Patient.telecom[4].value') },
];

const names = (plant: Plant): object[] => [
  {
    use: 'official',
    text: plant('name', 'Patient.name[0].text'),
    family: plant('name', 'Patient.name[0].family'),
    _family: {
      extension: [
        { url: `${core}/humanname-own-name`, valueString: plant('name', 'Patient.name[0].family.extension') },
      ],
    },
    given: [plant('name', 'Patient.name[0].given[0]'), plant('name', 'Patient.name[0].given[1]')],
  },
  { use: 'maiden', family: plant('name', 'Patient.name[1].family') },
];

const address = (plant: Plant): object => ({
  use: 'home',
  text: plant('geographic', 'Patient.address[0].text'),
  line: [plant('geographic', 'Patient.address[0].line[0]')],
  city: plant('geographic', 'Patient.address[0].city'),
  district: plant('geographic', 'Patient.address[0].district'),
  postalCode: plant('geographic', 'Patient.address[0].postalCode'),
});

const extensions = (plant: Plant): object[] => [
  { url: `${core}/patient-mothersMaidenName`, valueString: plant('name', 'Patient.extension[mothersMaidenName]') },
  {
    url: `${core}/patient-birthPlace`,
    valueAddress: { city: plant('geographic', 'Patient.extension[birthPlace].city') },
  },
  {
    url: 'https://fhir.example.org/fingerprint',
    valueBase64Binary: plant('biometric', 'Patient.extension[fingerprint]'),
  },
  { url: 'https://fhir.example.org/number-plate', valueString: plant('vehicle', 'Patient.extension[number-plate]') },
  {
    url: 'https://fhir.example.org/unknown',
    extension: [
      { url: 'inner', valueIdentifier: { value: plant('other', 'Patient.extension[unknown].extension[inner].value') } },
      { url: 'address', valueString: plant('ip', 'Patient.extension[unknown].extension[address]') },
    ],
  },
];

const contact = (plant: Plant): object => ({
  name: { text: plant('name', 'Patient.contact[0].name.text') },
  telecom: [{ system: 'phone', value: plant('phone', 'Patient.contact[0].telecom[0].value') }],
  address: { line: [plant('geographic', 'Patient.contact[0].address.line[0]')] },
  organization: { display: plant('name', 'Patient.contact[0].organization.display') },
});

/** The elements of a Patient that carry a canary; extensions that the Patient has stay beside them. */
export function plantOnPatient({ plant }: CanaryMaker, patient: Resource): Partial<Resource> {
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><p>${plant('name', 'Patient.text.div')}</p></div>`;
  const kept = Array.isArray(patient.extension) ? (patient.extension as object[]) : [];
  const born = plant('date', 'Patient.birthDate');
  const died = plant('date', 'Patient.deceasedDateTime');
  const birthTime = plant('date', 'Patient.birthDate.extension[birthTime]');
  return {
    text: { status: 'generated', div },
    contained: [
      ...(Array.isArray(patient.contained) ? (patient.contained as object[]) : []),
      {
        resourceType: 'Practitioner',
        id: 'canary',
        name: [{ family: plant('name', 'Patient.contained[0].name[0].family') }],
      },
    ],
    extension: [...kept, ...extensions(plant)],
    identifier: numbered(plant),
    name: names(plant),
    telecom: telecom(plant),
    birthDate: born,
    _birthDate: { extension: [{ url: `${core}/patient-birthTime`, valueDateTime: `${birthTime}T04:17:00Z` }] },
    deceasedDateTime: `${died}T03:17:43Z`,
    address: [address(plant)],
    photo: [
      {
        contentType: 'image/jpeg',
        data: plant('photo', 'Patient.photo[0].data'),
        title: plant('photo', 'Patient.photo[0].title'),
      },
      { contentType: 'image/jpeg', url: plant('url', 'Patient.photo[1].url') },
    ],
    contact: [contact(plant)],
    generalPractitioner: [{ reference: '#canary', display: plant('name', 'Patient.generalPractitioner[0].display') }],
  };
}
