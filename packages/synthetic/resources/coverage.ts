import { dateText } from '../calendar.ts';
import type { Chart } from '../chart.ts';
import { writeName } from '../person.ts';
import { address, telecom } from './contact-points.ts';
import { memberSystem } from './identifiers.ts';

/** Adds the health plan membership. */
export function addCoverage(chart: Chart): void {
  const { rng, person, subject } = chart;
  const number = `W900${rng.digits(7)}`;
  chart.add({
    resourceType: 'Coverage',
    identifier: [{ system: memberSystem, value: number }],
    status: person.death === undefined ? 'active' : 'cancelled',
    type: { text: 'Example Mutual Health Plan' },
    subscriberId: number,
    beneficiary: subject,
    relationship: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }],
    },
    period: { start: dateText(Math.max(person.birth, person.until - 3_000)) },
    payor: [{ display: 'Example Mutual Health Plan' }],
  });
}

/** Adds the parent or guardian of a child. */
export function addGuardian(chart: Chart): void {
  const { rng, person, subject } = chart;
  const sex = rng.pick(['female', 'male'] as const);
  const name = { ...writeName(rng, person.origin, sex), family: person.name.family };
  const [code, display] = sex === 'female' ? ['MTH', 'mother'] : ['FTH', 'father'];
  chart.add({
    resourceType: 'RelatedPerson',
    active: true,
    patient: subject,
    relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code, display }] }],
    name: [{ family: name.family, given: name.given }],
    telecom: telecom(rng, name, person.town),
    gender: sex,
    address: [address(rng, person.town)],
  });
}
