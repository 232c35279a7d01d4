import { type Check, resultOf } from '@safeguard/kernel';
import { hour_s, type RecordsCheckDeps } from './deps.ts';
import { asked, foundBy, type ProbePatient, withPatient } from './probe-patient.ts';

/** Everything that lives under the patient's own key: what a copy must hold, told by nothing that makes the copy. */
const underKey = {
  name: 'records.check.under-key',
  text: `select id, version from records.resource where tenant = $1 and key = any ($2::int4[]) and body is not null`,
};

interface Resource {
  readonly id?: string;
  readonly resourceType?: string;
  readonly meta?: { readonly versionId?: string };
}
interface Bundle {
  readonly entry?: readonly { readonly resource?: Resource }[];
}

/** Something beside the patient themselves; there once. */
async function observe(deps: RecordsCheckDeps, id: string): Promise<void> {
  if ((await foundBy(deps, `/Observation?patient=${id}`)) !== undefined) return;
  await asked(deps, '/Observation', {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: `Patient/${id}` },
    effectiveDateTime: '2026-01-01',
    valueQuantity: { value: 61, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  });
}

async function look(deps: RecordsCheckDeps, { tenant, id, secrets }: ProbePatient) {
  const vault = await deps.seal.vault('clinical', tenant);
  const keys = [...(await vault.keysFor([id])).values()].map((key) => key.id);
  const stored = await deps.clinical.query<{ id: string; version: number }>(tenant, underKey, [tenant, keys]);
  const bundle = (await asked(deps, `/Patient/${id}/$everything?_count=500`)) as Bundle;
  const copy = (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
  const versions = new Map(copy.map((one) => [one.id, one.meta?.versionId]));
  const patient = JSON.stringify(copy.find((one) => one.id === id) ?? {});
  const missing = stored.filter((one) => versions.get(one.id) !== String(one.version));
  const wrong = [
    ...missing.map((one) => `resource ${one.id} in version ${one.version} is not in the copy`),
    ...(secrets.some((one) => !patient.includes(one)) ? ['the copy lacks identifiers that were written'] : []),
    ...(patient.includes('1971-03-14') ? [] : ['the copy lacks the date of birth']),
  ];
  return { stored: stored.length, wrong };
}

export const rightOfAccess = (deps: RecordsCheckDeps): Check => ({
  id: 'records.right-of-access',
  title: 'A copy of a record is complete',
  query:
    'Asks the running server for everything of a patient of the checks ($everything) and holds it ' +
    'against all that is ' +
    "stored under that patient's key: each resource in its newest version, and the identifiers that were just written.",
  every_s: 12 * hour_s,
  run: () =>
    withPatient(deps, 'records.right-of-access', async (patient) => {
      await observe(deps, patient.id);
      const { stored, wrong } = await look(deps, patient);
      return resultOf({
        examined: stored,
        wrong,
        met: `The copy holds all ${stored} resources of the record, whole and in their newest version.`,
        unmet: 'a copy of a record lacks something that is stored (45 CFR 164.524).',
        todo: 'Copies that were handed over may lack the same: find out since when, and hand over what was missing.',
      });
    }),
});
