import { createRng } from '@safeguard/synthetic';
import { fhirBase } from '../instance/open.ts';
import { atLeast } from '../row.ts';
import { observation } from './bodies.ts';
import type { ClinicCase } from './clinic.ts';
import { inserts } from './floors.ts';

const prepared = 2000;

export const create: ClinicCase = {
  name: 'create',
  text: 'an Observation of about 1 KB for one of the patients; floor: one INSERT',
  load: (patients) => {
    const rng = createRng('create');
    const bodies = Array.from({ length: prepared }, () => JSON.stringify(observation(rng, rng.pick(patients))));
    const path = `${fhirBase}/Observation`;
    const asks = bodies.map((body) => ({ method: 'POST', path, body, expected: 201, units: 1 }) as const);
    return { script: { name: 'in turn', asks } };
  },
  floor: () => ({ script: inserts }),
  bars: ({ units_per_s }, ratio) => [
    atLeast('create Observation', units_per_s, 1000, 'req/s'),
    atLeast('create Observation, share of its floor', ratio, 0.4, ''),
  ],
};
