import { type Check, newId, type Probe, type ProbeAnswer, resultOf } from '@safeguard/kernel';
import { type AccessCheckDeps, hour_s } from './deps.ts';

const [system, value] = ['https://safeguard.invalid/checks', 'access.cross-tenant'];
const base = '/fhir/R4/Patient';
const json = { 'content-type': 'application/fhir+json' };

interface Bundle {
  readonly entry?: readonly { readonly resource?: { readonly id?: string } }[];
}
const idsOf = (text: string): string[] =>
  ((JSON.parse(text) as Bundle).entry ?? []).flatMap(({ resource }) => resource?.id ?? []);

/** The patient of the first tenant: made once, and used again by every run. */
async function patientOf(probe: Probe): Promise<string> {
  const found = await probe.ask({
    path: `${base}?identifier=${encodeURIComponent(`${system}|${value}`)}`,
    as: 'first',
  });
  const known = found.status === 200 ? idsOf(found.text)[0] : undefined;
  if (known !== undefined) return known;
  const body = JSON.stringify({ resourceType: 'Patient', identifier: [{ system, value }] });
  const made = await probe.ask({ method: 'POST', path: base, headers: json, body, as: 'first' });
  const { id } = (made.status === 201 ? JSON.parse(made.text) : {}) as { readonly id?: string };
  if (id === undefined) throw new Error('the patient of the check could not be made');
  return id;
}

/** An answer without what makes it this one: the id that was asked for, and that of the request. */
const forget = ({ text, id }: ProbeAnswer, asked: string): string => text.replaceAll(asked, '').replaceAll(id, '');

/** A stranger meets what was never there: the same status, the same words. */
async function compared(probe: Probe, tenant: number, patient: string, how: string, path: (id: string) => string) {
  const never = newId();
  const [there, nothing] = await Promise.all([patient, never].map((id) => probe.ask({ path: path(id), as: 'second' })));
  if (there === undefined || nothing === undefined) throw new Error('the server did not answer');
  const wrong: string[] = [];
  if (there.status < 400) wrong.push(`${how} from another tenant: answered ${there.status}`);
  else if (there.status !== nothing.status || forget(there, patient) !== forget(nothing, never)) {
    wrong.push(`${how} from another tenant: answered otherwise than for a record that never was`);
  }
  const entry = await probe.entryOf(tenant, there.id);
  if (entry === undefined) wrong.push(`${how} from another tenant: no entry of it stands in that tenant's log`);
  else if (entry['outcome'] === 'permit') wrong.push(`${how} from another tenant: the log says that it was permitted`);
  return wrong;
}

async function searched(probe: Probe, tenant: number, patient: string): Promise<string[]> {
  const { status, text, id } = await probe.ask({ path: `${base}?_id=${patient}`, as: 'second' });
  if (status === 200 && idsOf(text).length > 0) return ['a search from another tenant found the record'];
  return (await probe.entryOf(tenant, id)) === undefined
    ? ['a search from another tenant has no entry in the log']
    : [];
}

export const crossTenant = ({ probe }: AccessCheckDeps): Check => ({
  id: 'access.cross-tenant',
  title: 'One tenant does not see another',
  query:
    'Keeps a patient in the first test tenant and reads, searches and asks for its history with a ' +
    'client of the second ' +
    'one that may do everything there: it must be as if the patient never was, and each attempt stands in the log.',
  every_s: hour_s,
  async run() {
    const [, second] = await probe.tenants();
    const patient = await patientOf(probe);
    const own = await probe.ask({ path: `${base}/${patient}`, as: 'first' });
    const wrong =
      own.status === 200 ? [] : [`its own tenant was answered ${own.status}: nothing can be told of others`];
    wrong.push(...(await compared(probe, second, patient, 'a read', (id) => `${base}/${id}`)));
    wrong.push(...(await compared(probe, second, patient, 'a history', (id) => `${base}/${id}/_history`)));
    wrong.push(...(await searched(probe, second, patient)));
    return resultOf({
      examined: 4,
      wrong,
      met:
        "A record of one tenant was not there for another's client, by reading, history or search; each " +
        'try is logged.',
      unmet: 'a tenant reaches the records of another, or its attempts are not in the log.',
      todo:
        'Take the server off the network: records of one customer are open to another. Then report it ' +
        'as an incident.',
    });
  },
});
