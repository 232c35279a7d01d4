import { ageAt, dateText, timeText } from '../calendar.ts';
import { type Person, writeName } from '../person.ts';
import type { Rng } from '../rng.ts';
import type { Resource } from '../types.ts';
import { status } from '../words/concepts.ts';
import { address, humanNames, telecom } from './contact-points.ts';
import { fictionalPhone, patientIdentifiers } from './identifiers.ts';

const races = {
  white: ['2106-3', 'White'],
  black: ['2054-5', 'Black or African American'],
  asian: ['2028-9', 'Asian'],
  pacific: ['2076-8', 'Native Hawaiian or Other Pacific Islander'],
  other: ['2131-1', 'Other Race'],
} as const;
const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition';

function coded(url: string, code: string, display: string): object {
  const system = 'urn:oid:2.16.840.1.113883.6.238';
  return {
    url: `${usCore}/${url}`,
    extension: [
      { url: 'ombCategory', valueCoding: { system, code, display } },
      { url: 'text', valueString: display },
    ],
  };
}

function extensions(rng: Rng, person: Person): object[] {
  const [race, raceText] = races[person.origin.race];
  const [ethnicity, ethnicityText] = person.origin.hispanic
    ? ['2135-2', 'Hispanic or Latino']
    : ['2186-5', 'Not Hispanic or Latino'];
  const mother = writeName(rng, person.origin, 'female');
  return [
    ...(person.origin.race === 'other' ? [] : [coded('us-core-race', race, raceText)]),
    coded('us-core-ethnicity', ethnicity, ethnicityText),
    { url: `${usCore}/us-core-birthsex`, valueCode: person.sex === 'female' ? 'F' : 'M' },
    {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
      valueString: `${mother.given[0]} ${mother.family}`,
    },
    {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
      valueAddress: { city: person.town.city, state: person.town.state, country: 'US' },
    },
  ];
}

function contact(rng: Rng, person: Person): object {
  const relation = rng.pick([
    ['N', 'Next-of-Kin'],
    ['C', 'Emergency Contact'],
  ] as const);
  const name = writeName(rng, person.origin, rng.pick(['female', 'male'] as const));
  return {
    relationship: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: relation[0], display: relation[1] }],
      },
    ],
    name: { family: name.family, given: name.given },
    telecom: [{ system: 'phone', value: fictionalPhone(rng, person.town.area) }],
  };
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const narrative = (person: Person): object => ({
  status: 'generated',
  div:
    `<div xmlns="http://www.w3.org/1999/xhtml"><p><b>${escaped(person.name.text)}</b>, ${person.sex}, ` +
    `born ${dateText(person.birth)}, of ${escaped(person.town.city)}, ${person.town.state}.</p></div>`,
});

function marriage(rng: Rng, adult: boolean): object {
  if (!adult) return {};
  const [code, text] = rng.pick([
    ['M', 'Married'],
    ['S', 'Never Married'],
    ['D', 'Divorced'],
    ['W', 'Widowed'],
  ] as const);
  return { maritalStatus: status('v3-MaritalStatus', code, text) };
}

/** The Patient of a person: identifiers, names, telecom, address, contact, narrative, US Core extensions. No id. */
export function patientOf(rng: Rng, person: Person): Resource {
  const adult = ageAt(person.birth, person.until) >= 18;
  const prefix = adult && rng.chance(0.1) ? rng.pick(['Dr.', 'Mx.', 'Prof.']) : undefined;
  return {
    resourceType: 'Patient',
    text: narrative(person),
    extension: extensions(rng, person),
    identifier: patientIdentifiers(rng, adult),
    active: person.death === undefined,
    name: humanNames(person.name, person.origin.familyFirst === true, prefix),
    telecom: telecom(rng, person.name, person.town),
    gender: person.sex,
    birthDate: dateText(person.birth),
    ...(person.death === undefined ? {} : { deceasedDateTime: timeText(person.death, rng.int(0, 1_439)) }),
    address: [address(rng, person.town)],
    ...marriage(rng, adult),
    ...(rng.chance(0.04) ? { multipleBirthInteger: rng.int(1, 2) } : {}),
    contact: [contact(rng, person)],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en-US', display: 'English' }] } }],
  };
}
