import type { ProbeAnswer } from '@safeguard/kernel';
import { createEraser } from '../storage/erase.ts';
import type { RecordsCheckDeps } from './deps.ts';

const system = 'https://safeguard.invalid/checks';
const base = '/fhir/R4';
const headers = { 'content-type': 'application/fhir+json' };

/** The patient of one check, as it stands for this run. */
export interface ProbePatient {
  readonly tenant: number;
  readonly id: string;
  /** What identifies it, made anew: each must be in no other place than the identity segment, sealed. */
  readonly secrets: readonly string[];
}

interface Bundle {
  readonly entry?: readonly { readonly resource?: { readonly id?: string } }[];
}

const bodyOf = (answer: ProbeAnswer, wanted: readonly number[], what: string): unknown => {
  if (!wanted.includes(answer.status)) throw new Error(`${what} was answered ${answer.status}`);
  return JSON.parse(answer.text);
};

/** What a client of the first test tenant is answered, as JSON. Throws for another status than is expected. */
export async function asked(
  { probe }: RecordsCheckDeps,
  path: string,
  body?: object,
  method = 'POST',
): Promise<unknown> {
  if (body === undefined) return bodyOf(await probe.ask({ path: `${base}${path}`, as: 'first' }), [200], 'a read');
  const text = JSON.stringify(body);
  const answer = await probe.ask({ method, path: `${base}${path}`, headers, body: text, as: 'first' });
  return bodyOf(answer, [200, 201], 'a write');
}

/** Id of the first that a search finds. */
export async function foundBy(deps: RecordsCheckDeps, query: string): Promise<string | undefined> {
  return ((await asked(deps, query)) as Bundle).entry?.[0]?.resource?.id;
}

const plain = (slot: string) => ({ resourceType: 'Patient', gender: 'unknown', identifier: [{ system, value: slot }] });

function withSecrets(slot: string, [family, phone, street, number]: readonly string[]) {
  const { identifier, ...rest } = plain(slot);
  return {
    ...rest,
    identifier: [...identifier, { system: `${system}/number`, value: number }],
    name: [{ family, given: ['Ada'] }],
    telecom: [{ system: 'phone', value: phone }],
    address: [{ line: [street], city: 'Lakeside' }],
    birthDate: '1971-03-14',
  };
}

/** No event of its own: it erases versions of the checks' own patient, and nothing else. */
const noIntent = async (): Promise<Buffer> => Promise.reject(new Error('nothing is to be told'));

/**
 * Works with a patient of the first test tenant whose identifiers are new; one for each `slot`, made once and used
 * again by every run, so that the tenant does not grow: afterwards it has none of them, and no earlier version.
 */
export async function withPatient<T>(
  deps: RecordsCheckDeps,
  slot: string,
  work: (patient: ProbePatient) => Promise<T>,
): Promise<T> {
  const [tenant] = await deps.probe.tenants();
  const canary = deps.probe.canary();
  const secrets = ['family', 'phone', 'street', 'number'].map((of) => `${canary}-${of}`);
  const known = await foundBy(deps, `/Patient?identifier=${encodeURIComponent(`${system}|${slot}`)}`);
  const { id } = (await (known === undefined
    ? asked(deps, '/Patient', withSecrets(slot, secrets))
    : asked(deps, `/Patient/${known}`, { ...withSecrets(slot, secrets), id: known }, 'PUT'))) as { id: string };
  try {
    return await work({ tenant, id, secrets });
  } finally {
    await asked(deps, `/Patient/${id}`, { ...plain(slot), id }, 'PUT');
    const eraser = createEraser({ ...deps, ledger: { sealIntent: noIntent } });
    await eraser.history(tenant, id);
  }
}
