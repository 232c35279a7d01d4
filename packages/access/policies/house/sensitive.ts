import type { Sensitive } from '../../policy/types.ts';

const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const labels = (...codes: readonly string[]): string[] => codes.map((code) => `${system}|${code}`);

/**
 * Sensitive categories by HL7's security labels (v3-ActCode, ActInformationSensitivityPolicy and its siblings). A label
 * counts as it stands: HL7's hierarchy is spelled out here. ActCode has no code of its own for reproductive health
 * (SEX is "sexuality and reproductive health"), and none for minors but ADOL ("adolescent"). Uncertain: PREGNANT is
 * used by IHE's Privacy Consent on FHIR, but not in every release of ActCode.
 */
export const sensitive = {
  'psychotherapy-notes': { title: 'Psychotherapy notes (45 CFR 164.501)', labels: labels('PSYTHPN') },
  'substance-use': {
    title: 'Substance use disorder treatment (42 CFR Part 2)',
    labels: labels('42CFRPart2', 'ETH', 'ETHUD', 'OPIOIDUD', 'SUD'),
  },
  hiv: { title: 'HIV and AIDS', labels: labels('HIV') },
  'reproductive-health': {
    title: 'Sexuality and reproductive health',
    labels: labels('PREGNANT', 'SEX', 'STD'),
  },
  minors: { title: 'What minors may keep to themselves', labels: labels('ADOL') },
} as const satisfies Readonly<Record<string, Sensitive>>;

export type SensitiveName = keyof typeof sensitive;
export const sensitiveNames = Object.keys(sensitive) as readonly SensitiveName[];
