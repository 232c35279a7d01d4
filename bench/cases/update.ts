import { createRng, type Resource, syntheticPatient } from '@safeguard/synthetic';
import type { Ask } from '../generator/plan.ts';
import { fhirBase } from '../instance/open.ts';
import { atLeast } from '../row.ts';
import type { ClinicCase } from './clinic.ts';
import { inserts } from './floors.ts';

/** The same patient with one element of each segment changed. */
const changed = (patient: Resource): Resource => ({
  ...patient,
  gender: patient.gender === 'unknown' ? 'other' : 'unknown',
  telecom: [{ system: 'phone', value: '555-0123' }],
});

export const update: ClinicCase = {
  name: 'update',
  text: 'a Patient, changed in both segments each time; no patient is written by two connections; floor: one INSERT',
  load: (patients) => {
    const rng = createRng('update');
    const put = (path: string, resource: Resource, lane: number): Ask => {
      const body = JSON.stringify({ ...resource, id: path.split('/')[1] });
      return { method: 'PUT', path: `${fhirBase}/${path}`, body, expected: 200, units: 1, lane };
    };
    const made = patients.map((path, lane) => ({ path, lane, patient: syntheticPatient(rng) }));
    const first = made.map(({ path, lane, patient }) => put(path, patient, lane));
    const second = made.map(({ path, lane, patient }) => put(path, changed(patient), lane));
    return { script: { name: 'lanes', asks: [...first, ...second] } };
  },
  floor: () => ({ script: inserts }),
  bars: ({ units_per_s }) => [atLeast('update Patient', units_per_s, 700, 'req/s')],
};
