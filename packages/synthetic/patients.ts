import { measure } from './body.ts';
import { ageAt, type Day, dayOf, defaultToday } from './calendar.ts';
import { openChart } from './chart.ts';
import { writeHistory } from './history.ts';
import { inventPerson } from './person.ts';
import { addCoverage, addGuardian } from './resources/coverage.ts';
import { facilities, facilityBundle } from './resources/facilities.ts';
import { singleObservation } from './resources/observation.ts';
import { patientOf } from './resources/patient.ts';
import { createRng, type Rng } from './rng.ts';
import type { BundleEntry, Resource, TransactionBundle } from './types.ts';

export interface PatientsOptions {
  /** The same seed gives the same bytes. */
  readonly seed: string | number;
  readonly count: number;
  /** The day on which the records end, `YYYY-MM-DD`; default 2026-01-01, so that no clock decides. */
  readonly today?: string;
  /** Years of visits; default 6. */
  readonly years?: number;
  /** Begin with the bundle that the patients' conditional references need; default true. */
  readonly facilities?: boolean;
}

function patientBundle(seed: string, today: Day, years: number): TransactionBundle {
  const rng = createRng(seed);
  const person = inventPerson(rng, today);
  const chart = openChart(rng, person, rng.pick(facilities), patientOf(rng, person));
  if (ageAt(person.birth, person.until) < 18) addGuardian(chart);
  addCoverage(chart);
  writeHistory(chart, years);
  // Objects that several entries share (periods, references) become copies: a caller may change one alone.
  const entry = JSON.parse(JSON.stringify(chart.entries)) as BundleEntry[];
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

/**
 * Synthetic patients as FHIR R4 transaction Bundles, one a patient, made as they are asked for. Patient `n` of a
 * seed is the same whatever `count` is. The first bundle holds the organizations, locations and practitioners:
 * send it before the others.
 */
export function* syntheticPatients(options: PatientsOptions): Generator<TransactionBundle, void> {
  const today = dayOf(options.today ?? defaultToday);
  if (options.facilities ?? true) yield facilityBundle();
  for (let number = 0; number < options.count; number += 1) {
    yield patientBundle(`${options.seed}/patient/${number}`, today, options.years ?? 6);
  }
}

/** One Patient without id, for benchmarks and tests. */
export function syntheticPatient(rng: Rng, today: string = defaultToday): Resource {
  return patientOf(rng, inventPerson(rng, dayOf(today)));
}

/** One vital-sign Observation of `subject` (`Patient/…`), without id, for benchmarks and tests. */
export function syntheticObservation(rng: Rng, subject: string, today: string = defaultToday): Resource {
  const day = dayOf(today);
  return singleObservation(rng, subject, day, measure(rng, inventPerson(rng, day), day));
}
