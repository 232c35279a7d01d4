import type { Seal } from '@safeguard/seal';
import { clinicalText } from './clinical-text.ts';
import { headOf } from './open.ts';
import type { StoredRow } from './rows.ts';
import { inTurns } from './seal-write.ts';
import { stampText } from './stamp.ts';

/**
 * What the clinical segment alone holds of some rows, as it was stored: neither joined with identity nor masked. For
 * judging, never for an answer. In the order of the rows; undefined where one is deleted or its keys are destroyed.
 */
export async function storedTexts(
  seal: Pick<Seal, 'vault'>,
  tenant: number,
  rows: readonly StoredRow[],
): Promise<(string | undefined)[]> {
  const vault = await seal.vault('clinical', tenant);
  const wanted = new Set(rows.flatMap(({ body, key }) => (body === null ? [] : [key])));
  const missing = [...wanted].filter((id) => vault.cached(id) === undefined);
  const loaded = missing.length === 0 ? undefined : await vault.keysById(missing);
  return inTurns(rows, (row) => {
    const { body } = row;
    const key = loaded?.get(row.key) ?? vault.cached(row.key);
    if (body === null || key === undefined) return undefined;
    return stampText(headOf(row), clinicalText(vault, key, row, body));
  });
}
