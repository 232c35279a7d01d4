import type { Day } from '../calendar.ts';
import { type Chart, momentOf, type Visit } from '../chart.ts';
import { concept, snomed, terminology } from '../words/concepts.ts';
import { encounterSystem } from './identifiers.ts';

const kinds = {
  wellness: snomed('162673000', 'General examination of patient (procedure)'),
  child: snomed('410620009', 'Well child visit (procedure)'),
  followUp: snomed('390906007', 'Follow-up encounter'),
  symptom: snomed('185345009', 'Encounter for symptom (procedure)'),
} as const;

export type VisitKind = keyof typeof kinds;

/** Writes the Encounter of a visit. */
export function encounter(chart: Chart, day: Day, kind: VisitKind): Visit {
  const { rng, facility } = chart;
  const practitioner = rng.pick(facility.practitioners);
  const visit = { day, minute: rng.int(8 * 60, 17 * 60), encounter: { reference: '' }, practitioner };
  const period = { start: momentOf(visit), end: momentOf(visit, rng.int(15, 50)) };
  const participation = { system: `${terminology}/v3-ParticipationType`, code: 'PPRF', display: 'primary performer' };
  const reference = chart.add({
    resourceType: 'Encounter',
    identifier: [{ use: 'official', system: encounterSystem, value: `E-${rng.digits(10)}` }],
    status: 'finished',
    class: { system: `${terminology}/v3-ActCode`, code: 'AMB', display: 'ambulatory' },
    type: [concept(kinds[kind])],
    subject: chart.subject,
    participant: [{ type: [{ coding: [participation] }], period, individual: practitioner }],
    period,
    location: [{ location: facility.location }],
    serviceProvider: facility.organization,
  });
  return { ...visit, encounter: { reference } };
}
