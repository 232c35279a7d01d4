import { ageAt, dateText } from '../calendar.ts';
import { type Chart, momentOf, type Visit } from '../chart.ts';
import type { Concept } from '../types.ts';
import { concept, snomed } from '../words/concepts.ts';

function add(chart: Chart, visit: Visit, code: Concept, reason?: string): string {
  return chart.add({
    resourceType: 'Procedure',
    status: 'completed',
    code: concept(code),
    subject: { reference: chart.subject.reference },
    encounter: visit.encounter,
    performedPeriod: { start: momentOf(visit, 10), end: momentOf(visit, 30) },
    performer: [{ actor: visit.practitioner }],
    location: chart.facility.location,
    ...(reason === undefined ? {} : { reasonReference: [{ reference: reason }] }),
  });
}

/**
 * Adds what is done at a routine visit: reconciliation for all on medicines, colonoscopy every tenth year from
 * 50, spirometry.
 */
export function addProcedures(
  chart: Chart,
  visit: Visit,
  reasons: { medicated: boolean; asthma?: string | undefined },
): void {
  const age = ageAt(chart.person.birth, visit.day);
  if (reasons.medicated) add(chart, visit, snomed('430193006', 'Medication Reconciliation (procedure)'));
  if (age >= 50 && age < 80 && Math.floor(age) % 10 === 0) add(chart, visit, snomed('73761001', 'Colonoscopy'));
  if (reasons.asthma !== undefined) add(chart, visit, snomed('127783003', 'Spirometry (procedure)'), reasons.asthma);
}

interface Apparatus {
  readonly type: Concept;
  readonly name: string;
  readonly fitted: Concept;
}

export const pacemaker: Apparatus = {
  type: snomed('706004007', 'Implantable cardiac pacemaker (physical object)'),
  name: 'Implantable cardiac pacemaker',
  fitted: snomed('307280005', 'Implantation of cardiac pacemaker (procedure)'),
};

export const insulinPump: Apparatus = {
  type: snomed('69805005', 'Insulin pump, device (physical object)'),
  name: 'Insulin pump',
  fitted: snomed('430193006', 'Medication Reconciliation (procedure)'),
};

/** Adds the fitting of a device and the Device itself, with serial number and UDI (GS1 form, 21 CFR 801.40). */
export function addDevice(chart: Chart, visit: Visit, reason: string, { type, name, fitted }: Apparatus): void {
  add(chart, visit, fitted, reason);
  const { rng } = chart;
  const [gtin, lot, serial] = [`0099999${rng.digits(7)}`, rng.digits(10), rng.digits(12)];
  const [made, expires] = [visit.day - 90, visit.day + 3_560];
  const short = (day: number): string => dateText(day).slice(2).replaceAll('-', '');
  chart.add({
    resourceType: 'Device',
    udiCarrier: [
      {
        deviceIdentifier: gtin,
        issuer: 'http://hl7.org/fhir/NamingSystem/gs1',
        carrierHRF: `(01)${gtin}(11)${short(made)}(17)${short(expires)}(10)${lot}(21)${serial}`,
      },
    ],
    status: 'active',
    distinctIdentifier: gtin,
    manufactureDate: dateText(made),
    expirationDate: dateText(expires),
    lotNumber: lot,
    serialNumber: serial,
    deviceName: [{ name, type: 'user-friendly-name' }],
    type: concept(type),
    patient: { reference: chart.subject.reference },
  });
}
