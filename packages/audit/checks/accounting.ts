import { type Check, type Probe, type ProbeAnswer, resultOf } from '@safeguard/kernel';
import type { AccessRow } from '../accounting/rows.ts';
import { type AuditCheckDeps, hour_s } from './deps.ts';

const [system, value] = ['https://safeguard.invalid/checks', 'audit.accounting'];
const base = '/fhir/R4/Patient';
const headers = { 'content-type': 'application/fhir+json' };

interface Bundle {
  readonly entry?: readonly { readonly resource?: { readonly id?: string } }[];
}

/** The patient of this check in the first test tenant: made once, and used again by every run. */
async function patientOf(probe: Probe): Promise<string> {
  const query = `identifier=${encodeURIComponent(`${system}|${value}`)}`;
  const found = await probe.ask({ path: `${base}?${query}`, as: 'first' });
  const known = found.status === 200 ? (JSON.parse(found.text) as Bundle).entry?.[0]?.resource?.id : undefined;
  if (known !== undefined) return known;
  const body = JSON.stringify({ resourceType: 'Patient', identifier: [{ system, value }] });
  const made = await probe.ask({ method: 'POST', path: base, headers, body, as: 'first' });
  if (made.status !== 201) throw new Error('the patient of the check could not be made');
  return (JSON.parse(made.text) as { id: string }).id;
}

/** An access to the record, and the row of the accounting that tells of it. */
async function toldOf(probe: Probe, tenant: number, { id }: ProbeAnswer, rows: readonly AccessRow[]) {
  const entry = await probe.entryOf(tenant, id);
  if (entry === undefined) return ['an access to the record has no entry in the log'];
  const { at, action, actor } = entry;
  const row = rows.find((one) => one.at === at && one.action === action && one.who.id === actor);
  return row === undefined ? [`an access (${action}) stands in the log, and not in the accounting of the patient`] : [];
}

export const accountingComplete = ({ probe, audit }: AuditCheckDeps): Check => ({
  id: 'audit.accounting',
  title: 'The accounting of a record tells every access',
  query:
    'Reads the record of a patient of the checks, its history and by search, through the running ' +
    'server; then asks for ' +
    'the accounting of that patient: each access must stand there, at its time, by whom it was made.',
  every_s: hour_s,
  async run({ at }) {
    const [tenant] = await probe.tenants();
    const patient = await patientOf(probe);
    const paths = [`${base}/${patient}`, `${base}/${patient}`, `${base}/${patient}/_history`, `${base}?_id=${patient}`];
    const answers: ProbeAnswer[] = [];
    for (const path of paths) answers.push(await probe.ask({ path, as: 'first' }));
    const refused = answers.filter(({ status }) => status !== 200);
    if (refused.length > 0) throw new Error(`an access of the check was answered ${refused[0]?.status}`);
    // The clock of the server is this one; a minute before is before.
    const { rows } = await audit.accounting(tenant, patient, { from: at - 60_000 });
    const told = await Promise.all(answers.map((answer) => toldOf(probe, tenant, answer, rows)));
    return resultOf({
      examined: answers.length,
      wrong: told.flat(),
      met:
        `All ${answers.length} accesses that were just made stand in the accounting of that patient, by ` +
        'whom and when.',
      unmet: 'accesses to a record are missing from its accounting (45 CFR 164.528).',
      todo:
        'Empty the tables of the schema audit in the ledger database: the index is made anew from the ' +
        'log, which stays.',
    });
  },
});
