import type { Principal, RequestEvent } from '@safeguard/http';
import type { PatientPort } from '@safeguard/identity';
import { type Fault, isFault, newId } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { PatientEntry, Records } from '@safeguard/records';

const most_shown = 20;

/** A look at patients by somebody who chooses one: the same kind of entry as a search through the API has. */
const looked = (principal: Principal, shown: readonly PatientEntry[], refusal?: Fault): RequestEvent => ({
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
  targets: shown.map(({ id }) => ({ type: 'Patient', id })),
});

/**
 * Patients to choose from, for the pages of identity: under the rights of whoever asks, and nobody is shown before the
 * ledger has it. `records` is made after `identity`: it is asked for at the first look.
 */
export function patientPort(ledger: Pick<Ledger, 'append'>, records: () => Records): PatientPort {
  const recorded = async (principal: Principal, look: () => Promise<PatientEntry[]>): Promise<PatientEntry[]> => {
    try {
      const shown = await look();
      await ledger.append(principal.tenant, [looked(principal, shown)]);
      return shown;
    } catch (error) {
      if (isFault(error) && error.kind === 'forbidden') {
        await ledger.append(principal.tenant, [looked(principal, [], error)]);
      }
      throw error;
    }
  };
  return {
    search: (principal, text) =>
      recorded(principal, () => records().patients.search(principal, text, { count: most_shown })),
    byIds: (principal, ids) => recorded(principal, () => records().patients.byIds(principal, ids)),
  };
}
