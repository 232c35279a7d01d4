import { type Day, dateText } from '../calendar.ts';
import { type Chart, momentOf, type Visit } from '../chart.ts';
import type { Concept, Resource } from '../types.ts';
import { concept, status } from '../words/concepts.ts';
import { allergies } from '../words/illnesses.ts';

/** Adds a Condition; without `abated` it is still there. */
export function addCondition(chart: Chart, visit: Visit, code: Concept, onset: Day, abated?: Day): string {
  return chart.add({
    resourceType: 'Condition',
    clinicalStatus: status('condition-clinical', abated === undefined ? 'active' : 'resolved'),
    verificationStatus: status('condition-ver-status', 'confirmed'),
    category: [status('condition-category', 'encounter-diagnosis', 'Encounter Diagnosis')],
    code: concept(code),
    subject: { reference: chart.subject.reference },
    encounter: visit.encounter,
    onsetDateTime: onset === visit.day ? momentOf(visit) : dateText(onset),
    ...(abated === undefined ? {} : { abatementDateTime: dateText(abated) }),
    recordedDate: momentOf(visit, 10),
    recorder: visit.practitioner,
  });
}

/** Adds up to two allergies, for one person in five. */
export function addAllergies(chart: Chart, visit: Visit): void {
  const { rng } = chart;
  if (!rng.chance(0.2)) return;
  const { code, category } = rng.pick(allergies);
  const resource: Resource = {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: status('allergyintolerance-clinical', 'active'),
    verificationStatus: status('allergyintolerance-verification', 'confirmed'),
    type: 'allergy',
    category: [category],
    criticality: rng.pick(['low', 'high']),
    code: concept(code),
    patient: { reference: chart.subject.reference },
    recordedDate: momentOf(visit, 8),
    recorder: visit.practitioner,
  };
  if (rng.chance(0.3)) {
    resource.reaction = [
      {
        manifestation: [concept({ system: 'http://snomed.info/sct', code: '247472004', display: 'Weal' })],
        severity: 'mild',
      },
    ];
  }
  chart.add(resource);
}
