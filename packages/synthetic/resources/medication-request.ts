import { type Chart, momentOf, type Visit } from '../chart.ts';
import type { Concept } from '../types.ts';
import { concept, quantity } from '../words/concepts.ts';

const twice = { repeat: { frequency: 2, period: 1, periodUnit: 'd' } };
const once = { repeat: { frequency: 1, period: 1, periodUnit: 'd' } };

/** Injectables are written as a contained Medication, the rest as a code: both forms that R4 allows. */
function medicine(code: Concept): object {
  if (!code.display.includes('Inject')) return { medicationCodeableConcept: concept(code) };
  return {
    contained: [{ resourceType: 'Medication', id: 'medicine', code: concept(code), status: 'active' }],
    medicationReference: { reference: '#medicine', display: code.display },
  };
}

/** Adds an order for `code` that treats `reason`, running for `days`. */
export function addMedicationRequest(chart: Chart, visit: Visit, code: Concept, reason: string, days: number): void {
  const running = visit.day + days >= chart.person.until && chart.person.death === undefined;
  chart.add({
    resourceType: 'MedicationRequest',
    status: running ? 'active' : 'completed',
    intent: 'order',
    ...medicine(code),
    subject: chart.subject,
    encounter: visit.encounter,
    authoredOn: momentOf(visit, 14),
    requester: visit.practitioner,
    reasonReference: [{ reference: reason }],
    dosageInstruction: [{ sequence: 1, text: `Take as directed, for ${days} days`, timing: days > 30 ? once : twice }],
    dispenseRequest: { expectedSupplyDuration: quantity(days, 'days', 'd') },
  });
}
