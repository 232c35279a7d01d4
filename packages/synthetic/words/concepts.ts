import type { Concept } from '../types.ts';

export const snomedSystem = 'http://snomed.info/sct';
export const loincSystem = 'http://loinc.org';
export const rxnormSystem = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const cvxSystem = 'http://hl7.org/fhir/sid/cvx';
export const ucumSystem = 'http://unitsofmeasure.org';
export const terminology = 'http://terminology.hl7.org/CodeSystem';

const of =
  (system: string) =>
  (code: string, display: string): Concept => ({ system, code, display });
export const snomed = of(snomedSystem);
export const loinc = of(loincSystem);
export const rxnorm = of(rxnormSystem);
export const cvx = of(cvxSystem);

/** A CodeableConcept of one coding, its display as the text. */
export const concept = (coding: Concept): object => ({ coding: [coding], text: coding.display });

/** A CodeableConcept of one code of HL7's own terminology. */
export const status = (name: string, code: string, display?: string): object => ({
  coding: [{ system: `${terminology}/${name}`, code, ...(display === undefined ? {} : { display }) }],
});

export const quantity = (value: number, unit: string, code = unit): object => ({
  value,
  unit,
  system: ucumSystem,
  code,
});
