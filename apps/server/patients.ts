import type { Occasion, Principal, RequestEvent } from '@safeguard/http';
import type { PatientPort } from '@safeguard/identity';
import { type Fault, isFault, isUuid, newId } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Records } from '@safeguard/records';

const most_shown = 20;

interface Shown {
  readonly id: string;
}

/** What is looked at; `patient`: in whose record, where it is one's. */
interface Look {
  readonly type: 'Patient' | 'Encounter';
  readonly patient?: string;
}

/** A look by somebody who chooses a patient or a visit: the same kind of entry as a search through the API has. */
const looked = (
  principal: Principal,
  { type, patient }: Look,
  shown: readonly Shown[],
  refusal?: Fault,
): RequestEvent => ({
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
  ...(patient !== undefined && isUuid(patient) ? { patients: [patient] } : {}),
});

export interface PatientPortDeps {
  readonly ledger: Pick<Ledger, 'append'>;
  readonly records: () => Records;
  /** What policies and grants permit whoever asks. */
  readonly entitle: (principal: Principal, occasion: Occasion) => Principal | Promise<Principal>;
}

/** A look by one of our own pages: it comes from no network, and says no purpose. */
const occasion = (): Occasion => ({ at: Date.now(), remote: 'pages', purpose: undefined, view: undefined });

/**
 * Patients, and visits of one, to choose from, for the pages of identity: under the rights of whoever asks, and nobody
 * is shown before the ledger has it. `records` is made after `identity`: it is asked for at the first look.
 */
export function patientPort({ ledger, records, entitle }: PatientPortDeps): PatientPort {
  const recorded = async <Entry extends Shown>(
    asker: Principal,
    at: Look,
    look: (as: Principal) => Promise<Entry[]>,
  ): Promise<Entry[]> => {
    const principal = await entitle(asker, occasion());
    try {
      const shown = await look(principal);
      await ledger.append(principal.tenant, [looked(principal, at, shown)]);
      return shown;
    } catch (error) {
      if (isFault(error) && error.kind === 'forbidden') {
        await ledger.append(principal.tenant, [looked(principal, at, [], error)]);
      }
      throw error;
    }
  };
  return {
    search: (principal, text) =>
      recorded(principal, { type: 'Patient' }, (as) => records().patients.search(as, text, { count: most_shown })),
    byIds: (principal, ids) => recorded(principal, { type: 'Patient' }, (as) => records().patients.byIds(as, ids)),
    encounters: (principal, patient) =>
      recorded(principal, { type: 'Encounter', patient }, (as) =>
        records().patients.encounters(as, patient, { count: most_shown }),
      ),
  };
}
