import type { Principal, RequestEvent } from '@safeguard/http';
import type { PatientPort } from '@safeguard/identity';
import { type Fault, isFault, newId } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Records } from '@safeguard/records';

const most_shown = 20;

interface Shown {
  readonly id: string;
}

/** A look by somebody who chooses a patient or a visit: the same kind of entry as a search through the API has. */
const looked = (principal: Principal, type: string, shown: readonly Shown[], refusal?: Fault): RequestEvent => ({
  id: newId(),
  at: Date.now(),
  kind: 'request',
  tenant: principal.tenant,
  actor: principal.id,
  view: principal.view,
  action: 'patient-pick',
  outcome: refusal === undefined ? 'permit' : refusal.kind === 'forbidden' ? 'deny' : 'fail',
  status: refusal === undefined ? 200 : refusal.kind === 'forbidden' ? 403 : 500,
  ...(refusal === undefined ? {} : { reason: refusal.kind }),
  from: 'pages',
  targets: shown.map(({ id }) => ({ type, id })),
});

/**
 * Patients, and visits of one, to choose from, for the pages of identity: under the rights of whoever asks, and nobody
 * is shown before the ledger has it. `records` is made after `identity`: it is asked for at the first look.
 */
export function patientPort(ledger: Pick<Ledger, 'append'>, records: () => Records): PatientPort {
  const recorded = async <Entry extends Shown>(
    principal: Principal,
    type: 'Patient' | 'Encounter',
    look: () => Promise<Entry[]>,
  ): Promise<Entry[]> => {
    try {
      const shown = await look();
      await ledger.append(principal.tenant, [looked(principal, type, shown)]);
      return shown;
    } catch (error) {
      if (isFault(error) && error.kind === 'forbidden') {
        await ledger.append(principal.tenant, [looked(principal, type, [], error)]);
      }
      throw error;
    }
  };
  return {
    search: (principal, text) =>
      recorded(principal, 'Patient', () => records().patients.search(principal, text, { count: most_shown })),
    byIds: (principal, ids) => recorded(principal, 'Patient', () => records().patients.byIds(principal, ids)),
    encounters: (principal, patient) =>
      recorded(principal, 'Encounter', () => records().patients.encounters(principal, patient, { count: most_shown })),
  };
}
