import { ageAt } from '../calendar.ts';
import { type Chart, momentOf, type Visit } from '../chart.ts';
import type { Concept } from '../types.ts';
import { concept, cvx } from '../words/concepts.ts';

interface Dose {
  readonly code: Concept;
  /** Age at which it is due, years; given at the first routine visit within the two years that follow. */
  readonly due: number;
}

const schedule: readonly Dose[] = [
  { code: cvx('08', 'Hep B, adolescent or pediatric'), due: 0.1 },
  { code: cvx('20', 'DTaP'), due: 0.2 },
  { code: cvx('10', 'IPV'), due: 0.2 },
  { code: cvx('03', 'MMR'), due: 1 },
  { code: cvx('21', 'varicella'), due: 1 },
  { code: cvx('115', 'Tdap'), due: 11 },
  { code: cvx('62', 'HPV, quadrivalent'), due: 12 },
  { code: cvx('113', 'Td (adult) preservative free'), due: 31 },
  { code: cvx('113', 'Td (adult) preservative free'), due: 51 },
  { code: cvx('121', 'zoster'), due: 60 },
  { code: cvx('33', 'pneumococcal polysaccharide vaccine, 23 valent'), due: 65 },
];
const influenza = cvx('140', 'Influenza, seasonal, injectable, preservative free');

function give(chart: Chart, visit: Visit, code: Concept): void {
  chart.add({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: concept(code),
    patient: { reference: chart.subject.reference },
    encounter: visit.encounter,
    occurrenceDateTime: momentOf(visit, 16),
    primarySource: true,
    location: chart.facility.location,
    lotNumber: `L${chart.rng.digits(6)}`,
  });
}

/** Adds what is due at a routine visit; `given` remembers the doses of this person. */
export function addImmunizations(chart: Chart, visit: Visit, given: Set<number>): void {
  const age = ageAt(chart.person.birth, visit.day);
  schedule.forEach((dose, number) => {
    if (age < dose.due || age > dose.due + 2 || given.has(number)) return;
    given.add(number);
    give(chart, visit, dose.code);
  });
  if (age > 0.5 && chart.rng.chance(0.6)) give(chart, visit, influenza);
}
