import type { Rng } from '../rng.ts';

/** Naming systems of an invented hospital; RFC 2606 reserves the domain. */
export const mrnSystem = 'https://fhir.example.org/mrn';
export const encounterSystem = 'https://fhir.example.org/encounter';
export const placeSystem = 'https://fhir.example.org/place';
export const memberSystem = 'https://plan.example.org/member';
export const npiSystem = 'http://hl7.org/fhir/sid/us-npi';
const ssnSystem = 'http://hl7.org/fhir/sid/us-ssn';
const licenceSystem = 'urn:oid:2.16.840.1.113883.4.3.25';
const passportSystem = 'http://standardhealthrecord.org/fhir/StructureDefinition/passportNumber';

const typed = (code: string, display: string): object => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code, display }],
  text: display,
});

/** Area 9xx with group 01–49 was never issued, neither as a social security number nor as an ITIN. */
export const neverIssuedSsn = (rng: Rng): string =>
  `9${rng.digits(2)}-${String(rng.int(1, 49)).padStart(2, '0')}-${String(rng.int(1, 9_999)).padStart(4, '0')}`;

/** 555-0100 to 555-0199 are set apart for fiction by the North American Numbering Plan. */
export const fictionalPhone = (rng: Rng, area: string): string => `(${area}) 555-01${rng.digits(2)}`;

/** What a patient is known by; the driver's licence and the passport only for adults. */
export function patientIdentifiers(rng: Rng, adult: boolean): object[] {
  const mrn = `900-${rng.digits(4)}-${rng.digits(4)}`;
  const identifiers: object[] = [
    { use: 'usual', type: typed('MR', 'Medical record number'), system: mrnSystem, value: mrn },
    { type: typed('SS', 'Social Security number'), system: ssnSystem, value: neverIssuedSsn(rng) },
  ];
  if (adult && rng.chance(0.8)) {
    identifiers.push({
      type: typed('DL', 'Driver’s license number'),
      system: licenceSystem,
      value: `S999${rng.digits(5)}`,
    });
  }
  if (adult && rng.chance(0.4)) {
    const value = `X${rng.digits(8)}X`;
    identifiers.push({ type: typed('PPN', 'Passport number'), system: passportSystem, value });
  }
  return identifiers;
}
