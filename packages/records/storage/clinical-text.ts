import type { DataKey, Vault } from '@safeguard/seal';
import type { StoredRow } from './rows.ts';
import { purposes } from './seal-write.ts';

/** Rows are read anew for every request: what was opened of one is kept as long as the row itself. */
const opened = new WeakMap<StoredRow, string>();

/** The stored text of a clinical body. A row that is judged and then answered is opened once. */
export function clinicalText(vault: Vault, key: DataKey, row: StoredRow, body: Buffer): string {
  const known = opened.get(row);
  if (known !== undefined) return known;
  const { id, type, at, version, identity } = row;
  const purpose = purposes.clinical({ type, at_ms: at.getTime(), edition: identity });
  const text = vault.open(key, { resource: id, version, purpose }, body).toString();
  opened.set(row, text);
  return text;
}
