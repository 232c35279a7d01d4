import { fault, isUuid } from '@safeguard/kernel';
import { type Call, goneFault, missing, type Outcome, type Shelf, targetOf } from '../call.ts';
import { headOf, toldTime } from '../storage/open.ts';
import type { PartRow, StoredRow } from '../storage/rows.ts';
import { hiddenRow } from './hiding.ts';
import { seen } from './sight.ts';

/** Types of which every version has identity content: both segments are asked at once, not one after the other. */
const lifted = new Set(['Patient', 'Practitioner', 'RelatedPerson', 'Person', 'Organization']);

/**
 * FHIR R4 3.1.0.1 read. 404: never was; 410: deleted, or its keys are destroyed; 304: If-None-Match names this
 * version.
 */
export async function read(shelf: Shelf, call: Call, type: string, id: string): Promise<Outcome> {
  shelf.guard(call.principal, 'read', { type });
  if (!isUuid(id)) throw missing(type);
  const { tenant, view } = call.principal;
  const [row, guess] = await Promise.all([
    shelf.reader.current(tenant, type, id),
    view === 'full' && lifted.has(type) ? guessPart(shelf, tenant, id) : undefined,
  ]);
  const [visible] = row === undefined ? [] : await seen(shelf, call, 'read', [row]);
  if (row === undefined || visible === undefined) throw missing(type);
  return answerRow(shelf, call, type, row, { action: 'read', guess });
}

async function guessPart(shelf: Shelf, tenant: number, id: string): Promise<PartRow | undefined> {
  const vault = await shelf.seal.vault('identity', tenant);
  return shelf.reader.newestPart(tenant, vault.pseudonym(id));
}

/** Opens one row for the caller's view. */
export async function answerRow(
  shelf: Shelf,
  call: Call,
  type: string,
  row: StoredRow,
  { action, guess }: { readonly action: string; readonly guess?: PartRow | undefined },
): Promise<Outcome> {
  const targets = [targetOf(headOf(row))];
  if (row.body === null) throw goneFault(type);
  const { tenant, view } = call.principal;
  const head = { ...headOf(row), at: toldTime(view, row.at) };
  if (notModified(call, row)) return { status: 304, head, targets, patients: await shelf.patientsOf(tenant, [row]) };
  const text = await shelf.opener.text(tenant, row, view, guess);
  if (text === undefined) throw fault('gone', `The keys of this ${type} were destroyed`);
  const shown = await hiddenRow(shelf, call, action, { row, text });
  return { status: 200, head, text: shown, targets, patients: await shelf.patientsOf(tenant, [row]) };
}

/** If-None-Match and, without it, If-Modified-Since (RFC 9110 13.1): whether the caller has this version already. */
function notModified(call: Call, row: StoredRow): boolean {
  const { 'if-none-match': etags, 'if-modified-since': since } = call.conditions;
  if (etags !== undefined) return etags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${row.version}"`);
  const since_ms = since === undefined ? Number.NaN : Date.parse(since);
  return Math.floor(row.at.getTime() / 1000) * 1000 <= since_ms;
}
