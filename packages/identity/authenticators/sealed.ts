import { fault, type Json } from '@safeguard/kernel';
import type { DataKey, Vault } from '@safeguard/seal';

/** Where something of an account is sealed: the key is the account's own, so nothing opens for another account. */
export interface SealedPlace {
  /** The id of the row: of the account for a password, of the set for a recovery code, else of the factor. */
  readonly resource: string;
  readonly version: number;
  readonly purpose: 'password' | 'totp' | 'passkey' | 'recovery-code';
}

export interface SealedRow {
  readonly key_id: number;
  readonly sealed: Buffer;
}

/** The data key of an account, or of nobody (`noOwner`), made where there is none. */
async function keyOf(vault: Vault, owner: string): Promise<DataKey> {
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw fault('internal', 'The key of an account is missing.');
  return key;
}

export async function sealFor(vault: Vault, account: string, place: SealedPlace, value: Json): Promise<SealedRow> {
  const key = await keyOf(vault, account);
  return { key_id: key.id, sealed: vault.seal(key, place, Buffer.from(JSON.stringify(value))) };
}

/** Fault `gone` when the account's key was destroyed, `internal` when the bytes are not what was sealed there. */
export async function openFrom<T>(vault: Vault, place: SealedPlace, { key_id, sealed }: SealedRow): Promise<T> {
  const key = vault.cached(key_id) ?? (await vault.keysById([key_id])).get(key_id);
  if (key === undefined) throw fault('gone', 'The keys of these data have been destroyed.');
  return JSON.parse(vault.open(key, place, sealed).toString()) as T;
}
