import { fault, isUuid } from '@safeguard/kernel';
import { type Binding, type DataKey, noOwner, type Vault } from '@safeguard/seal';

/** What people wrote, at rest. */
export interface Sealed {
  readonly key_id: number;
  readonly sealed: Buffer;
}

export const subjectPurpose = 'programme task';
export const notePurpose = 'programme step note';

const binding = (resource: string, version: number, purpose: string): Binding => ({ resource, version, purpose });

/** The key of who writes; of the operator, the service and what belongs to the tenant its own. Not in a transaction. */
export async function keyOf(vault: Vault, author: string | undefined): Promise<DataKey> {
  const owner = author !== undefined && isUuid(author) ? author : noOwner;
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw fault('internal', 'The key of an account is missing.');
  return key;
}

/** Synchronous, so that it may stand in a transaction. */
export const sealText = (vault: Vault, key: DataKey, of: string, n: number, purpose: string, text: string): Sealed => ({
  key_id: key.id,
  sealed: vault.seal(key, binding(of, n, purpose), Buffer.from(text)),
});

/** Opens what stands under these keys; what stands under a key that was destroyed is undefined. */
export async function openerOf(vault: Vault, sealed: readonly { readonly key_id: number | null }[]) {
  const ids = new Set(sealed.flatMap(({ key_id }) => (key_id === null ? [] : [key_id])));
  const keys = ids.size === 0 ? new Map<number, DataKey>() : await vault.keysById([...ids]);
  return (one: Sealed, of: string, n: number, purpose: string): string | undefined => {
    const key = keys.get(one.key_id);
    return key === undefined ? undefined : vault.open(key, binding(of, n, purpose), one.sealed).toString('utf8');
  };
}
