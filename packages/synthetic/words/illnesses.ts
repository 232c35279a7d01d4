import type { Concept } from '../types.ts';
import { rxnorm, snomed } from './concepts.ts';

export interface Illness {
  readonly code: Concept;
  readonly medications: readonly Concept[];
  /** Chance over a life, at this age and body-mass index; the onset lies between `from` years of age and now. */
  readonly risk: (age: number, bmi: number) => number;
  readonly from: number;
}

export type ChronicName =
  | 'hypertension'
  | 'diabetes'
  | 'prediabetes'
  | 'hyperlipidemia'
  | 'asthma'
  | 'hypothyroidism'
  | 'depression'
  | 'fibrillation'
  | 'osteoarthritis';

const metformin = rxnorm('860975', '24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet');
const insulin = rxnorm(
  '106892',
  'insulin human, isophane 70 UNT/ML / Regular Insulin, Human 30 UNT/ML Injectable Suspension [Humulin]',
);
const albuterol = rxnorm('2123111', 'NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler');
const fluticasone = rxnorm('895994', '120 ACTUAT Fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler');

export const chronic: Readonly<Record<ChronicName, Illness>> = {
  hypertension: {
    code: snomed('59621000', 'Hypertension'),
    medications: [rxnorm('314076', 'lisinopril 10 MG Oral Tablet'), rxnorm('197361', 'Amlodipine 5 MG Oral Tablet')],
    risk: (age, bmi) => (age < 25 ? 0 : (age - 20) * 0.009 + Math.max(0, bmi - 27) * 0.02),
    from: 25,
  },
  diabetes: {
    code: snomed('44054006', 'Diabetes'),
    medications: [metformin, insulin],
    risk: (age, bmi) => (age < 30 ? 0 : (age - 25) * 0.003 + Math.max(0, bmi - 26) * 0.015),
    from: 30,
  },
  prediabetes: {
    code: snomed('15777000', 'Prediabetes'),
    medications: [],
    risk: (age, bmi) => (age < 25 ? 0 : 0.08 + Math.max(0, bmi - 26) * 0.02),
    from: 25,
  },
  hyperlipidemia: {
    code: snomed('55822004', 'Hyperlipidemia'),
    medications: [rxnorm('312961', 'Simvastatin 20 MG Oral Tablet')],
    risk: (age) => (age < 30 ? 0 : 0.1 + (age - 30) * 0.004),
    from: 30,
  },
  asthma: {
    code: snomed('195967001', 'Asthma'),
    medications: [albuterol, fluticasone],
    risk: (age) => (age < 3 ? 0 : 0.11),
    from: 3,
  },
  hypothyroidism: {
    code: snomed('40930008', 'Hypothyroidism'),
    medications: [rxnorm('966247', 'levothyroxine sodium 0.05 MG Oral Tablet')],
    risk: (age) => (age < 30 ? 0 : 0.05),
    from: 30,
  },
  depression: {
    code: snomed('35489007', 'Depressive disorder'),
    medications: [rxnorm('312941', 'sertraline 50 MG Oral Tablet')],
    risk: (age) => (age < 15 ? 0 : 0.11),
    from: 15,
  },
  fibrillation: {
    code: snomed('49436004', 'Atrial fibrillation'),
    medications: [rxnorm('855332', 'Warfarin Sodium 5 MG Oral Tablet')],
    risk: (age) => (age < 60 ? 0 : (age - 58) * 0.006),
    from: 58,
  },
  osteoarthritis: {
    code: snomed('396275006', 'Osteoarthritis'),
    medications: [rxnorm('313782', 'Acetaminophen 325 MG Oral Tablet')],
    risk: (age, bmi) => (age < 45 ? 0 : (age - 40) * 0.006 + Math.max(0, bmi - 28) * 0.01),
    from: 45,
  },
};

export interface AcuteIllness {
  readonly code: Concept;
  readonly medication?: Concept;
  /** Added to the body temperature, degrees Celsius. */
  readonly fever_Cel: number;
  readonly ages: readonly [number, number];
}

export const acute: readonly AcuteIllness[] = [
  { code: snomed('444814009', 'Viral sinusitis (disorder)'), fever_Cel: 0.5, ages: [3, 110] },
  { code: snomed('195662009', 'Acute viral pharyngitis (disorder)'), fever_Cel: 0.9, ages: [3, 110] },
  { code: snomed('10509002', 'Acute bronchitis (disorder)'), fever_Cel: 0.8, ages: [1, 110] },
  {
    code: snomed('65363002', 'Otitis media'),
    medication: rxnorm('308182', 'Amoxicillin 250 MG Oral Capsule'),
    fever_Cel: 1.4,
    ages: [1, 10],
  },
  {
    code: snomed('43878008', 'Streptococcal sore throat (disorder)'),
    medication: rxnorm('834061', 'Penicillin V Potassium 250 MG Oral Tablet'),
    fever_Cel: 1.6,
    ages: [5, 40],
  },
  {
    code: snomed('44465007', 'Sprain of ankle'),
    medication: rxnorm('310965', 'Ibuprofen 200 MG Oral Tablet'),
    fever_Cel: 0,
    ages: [8, 80],
  },
];

export const allergies: readonly {
  readonly code: Concept;
  readonly category: 'food' | 'environment' | 'medication';
}[] = [
  { code: snomed('91935009', 'Allergy to peanuts'), category: 'food' },
  { code: snomed('300913006', 'Shellfish allergy'), category: 'food' },
  { code: snomed('418689008', 'Allergy to grass pollen'), category: 'environment' },
  { code: snomed('232350006', 'House dust mite allergy'), category: 'environment' },
  { code: snomed('300916003', 'Latex allergy'), category: 'environment' },
  { code: snomed('91936005', 'Allergy to penicillin'), category: 'medication' },
];
