import { type Check, resultOf } from '@safeguard/kernel';
import { hour_s, type RecordsCheckDeps } from './deps.ts';
import { needlesOf } from './needles.ts';
import { type ProbePatient, withPatient } from './probe-patient.ts';

interface Bundle {
  readonly entry?: readonly { readonly resource?: { readonly resourceType?: string } }[];
}

async function look({ probe }: RecordsCheckDeps, { id, secrets }: ProbePatient) {
  const { status, text } = await probe.ask({ path: '/fhir/R4/Patient?_count=100', as: 'deidentified' });
  if (status !== 200) throw new Error(`a search with a de-identified view was answered ${status}`);
  const shown = ((JSON.parse(text) as Bundle).entry ?? []).length;
  const all = text.toLowerCase();
  const byId = await probe.ask({ path: `/fhir/R4/Patient/${id}`, as: 'deidentified' });
  const wrong = [
    ...(secrets.flatMap(needlesOf).some((one) => all.includes(one)) ? ['identifiers are shown'] : []),
    ...(all.includes('1971-03') ? ['a date of birth is shown'] : []),
    ...(all.includes(id) ? ['the id of the record is shown, by which others know it'] : []),
    ...(byId.status === 200 ? ['the record is found by the id under which others know it'] : []),
  ];
  return { shown, wrong };
}

export const deidentified = (deps: RecordsCheckDeps): Check => ({
  id: 'records.deidentified',
  title: 'A de-identified view shows nobody',
  query:
    'Writes a patient with identifiers made for this run, and reads all patients of the test tenant ' +
    'with a client that ' +
    'has a de-identified view: no identifier, no date, and not the id by which others know the record may be shown.',
  every_s: 6 * hour_s,
  run: () =>
    withPatient(deps, 'records.deidentified', async (patient) => {
      const { shown, wrong } = await look(deps, patient);
      return resultOf({
        examined: shown,
        wrong,
        met: `${shown} patients were shown with a de-identified view, without identifiers, dates or ids of theirs.`,
        unmet: 'a de-identified view shows who somebody is (45 CFR 164.514(b)(2)).',
        todo: 'Revoke the clients that have this view until it holds again, and find out what was shown to them.',
      });
    }),
});
