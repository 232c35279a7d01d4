import { fhirBase } from '../instance/open.ts';
import { atLeast, atMost } from '../row.ts';
import type { ClinicCase } from './clinic.ts';
import { recordedSelects, selects } from './floors.ts';

export const read: ClinicCase = {
  name: 'read',
  text: 'a Patient by id, any of those loaded: both segments, joined; floor: one SELECT',
  load: (patients) => ({
    script: {
      name: 'random',
      asks: patients.map((path) => ({ method: 'GET', path: `${fhirBase}/${path}`, expected: 200, units: 1 })),
    },
  }),
  floor: ({ floor }) => ({ script: selects(floor) }),
  other: ({ floor }) => ({
    what: 'floor of a recorded read: SELECT and INSERT',
    load: { script: recordedSelects(floor) },
  }),
  bars: ({ units_per_s, latency_ms }, ratio) => [
    atLeast('read Patient', units_per_s, 2000, 'req/s'),
    atLeast('read Patient, share of its floor', ratio, 0.5, ''),
    atMost('read Patient, p99', latency_ms.p99, 30, 'ms'),
  ],
};
