import { type Check, resultOf } from '@safeguard/kernel';
import { clinicalText } from '../storage/clinical-text.ts';
import { currentRows, exactParts, type PartRow, type StoredRow } from '../storage/rows.ts';
import { purposes } from '../storage/seal-write.ts';
import { hour_s, type RecordsCheckDeps } from './deps.ts';
import { type ProbePatient, withPatient } from './probe-patient.ts';

const underClearId = {
  name: 'records.check.clear-row',
  text: `select (select count(*)::int from records.part where tenant = $1 and row = $2)
    + (select count(*)::int from records.token where tenant = $1 and row = $2) as n`,
};
const inHistory = {
  name: 'records.check.clinical-row',
  text: 'select 1 as n from records.resource where tenant = $1 and id = $2',
};

/** The clinical half, opened as the server opens it. */
async function clinicalHalf({ clinical, seal }: RecordsCheckDeps, { tenant, id }: ProbePatient) {
  const [row] = await clinical.query<StoredRow>(tenant, currentRows, [tenant, [id]]);
  if (row?.body == null) throw new Error('the patient that was just written is not stored');
  const vault = await seal.vault('clinical', tenant);
  const key = (await vault.keysById([row.key])).get(row.key);
  if (key === undefined) throw new Error('the key of the patient is not there');
  return { row, text: clinicalText(vault, key, row, row.body) };
}

/** The identity half; undefined: nothing stands under the pseudonym. */
async function identityHalf({ identity, seal }: RecordsCheckDeps, tenant: number, row: StoredRow, pseudonym: string) {
  const [part] = await identity.query<PartRow>(tenant, exactParts, [tenant, [pseudonym], [row.identity]]);
  if (part === undefined) return undefined;
  const vault = await seal.vault('identity', tenant);
  const key = (await vault.keysById([part.key])).get(part.key);
  if (key === undefined) return undefined;
  const place = { resource: row.id, version: row.version, purpose: purposes.identity(part.edition) };
  return vault.open(key, place, part.body).toString();
}

async function look(deps: RecordsCheckDeps, patient: ProbePatient): Promise<string[]> {
  const { tenant, id, secrets } = patient;
  const { row, text } = await clinicalHalf(deps, patient);
  const pseudonym = (await deps.seal.vault('identity', tenant)).pseudonym(id);
  const lifted = row.identity === null ? undefined : await identityHalf(deps, tenant, row, pseudonym);
  const [clear] = await deps.identity.query<{ n: number }>(tenant, underClearId, [tenant, id]);
  const told = await deps.clinical.query(tenant, inHistory, [tenant, pseudonym]);
  return [
    ...(secrets.some((one) => text.includes(one)) ? ['the clinical body holds direct identifiers'] : []),
    ...(text.includes('1971-03-14') ? ['the clinical body holds the date of birth'] : []),
    ...(lifted === undefined || secrets.some((one) => !lifted.includes(one))
      ? ['the identity segment does not hold the identifiers that were written']
      : []),
    ...(pseudonym === id || (clear?.n ?? 0) > 0 ? ['the identity segment names the record by its id in clear'] : []),
    ...(told.length > 0 ? ['the clinical segment names the record as the identity segment does'] : []),
  ];
}

export const identityApart = (deps: RecordsCheckDeps): Check => ({
  id: 'records.identity-apart',
  title: 'Who a patient is stands apart from what happened to them',
  query:
    'Writes a patient with identifiers made for this run through the API, opens both stored halves ' +
    'with their own keys: ' +
    'the clinical one must hold none of the identifiers, the identity one all of them, under a name ' +
    'that the other half ' +
    'does not have.',
  every_s: 6 * hour_s,
  run: () =>
    withPatient(deps, 'records.identity-apart', async (patient) =>
      resultOf({
        examined: 2 * patient.secrets.length + 3,
        wrong: await look(deps, patient),
        met:
          'Identifiers went to the identity segment alone; the halves are named differently and tell ' +
          'nothing of each other.',
        unmet: 'what identifies a patient is not kept apart from the clinical data.',
        todo: 'Take the server back to the version before: the segment map or the split of resources is broken.',
      }),
    ),
});
