import { fhirBase } from '../instance/open.ts';
import type { ClinicCase } from './clinic.ts';
import { mixed } from './floors.ts';

export const crud: ClinicCase = {
  name: 'crud',
  text: 'create, read, update, delete of nine linked resources (HealthSamurai); floor: three INSERTs to one SELECT',
  load: () => ({ script: { name: 'crud', base: fhirBase } }),
  floor: ({ floor }) => ({ script: mixed(floor) }),
  bars: () => [],
};
