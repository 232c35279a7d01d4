import { fault } from '@safeguard/kernel';
import { type Binding, noOwner, type Vault } from '@safeguard/seal';

/** What people wrote, at rest. */
export interface SealedReason {
  readonly key_id: number;
  readonly sealed: Buffer;
}

const prose = /^(?:[^\p{C}]|[\n\r\t])+$/u;
export const shortest = 10;
export const longest = 2_000;

/** Reasons may name patients: they are people's own words, and never leave with a fault. */
export const isReason = (text: unknown): text is string =>
  typeof text === 'string' && text.trim().length >= shortest && text.length <= longest && prose.test(text);

export function checkReason(text: unknown): asserts text is string {
  if (isReason(text)) return;
  const said = `reason: expected ${shortest} to ${longest} printable characters`;
  throw fault('invalid', said, { issues: [{ severity: 'error', code: 'invalid', text: said, at: 'reason' }] });
}

const binding = (resource: string, purpose: string): Binding => ({ resource, version: 0, purpose });

/**
 * Seals under the key of who wrote it (`operator`: under the tenant's own), bound to what it is the reason of. Asks the
 * database where the key is not known: never inside a transaction.
 */
export async function sealReason(
  vault: Vault,
  author: string | undefined,
  { of, purpose }: { readonly of: string; readonly purpose: string },
  text: string,
): Promise<SealedReason> {
  const owner = author ?? noOwner;
  const key = (await vault.keysFor([owner])).get(owner);
  if (key === undefined) throw fault('internal', 'The key of an account is missing.');
  return { key_id: key.id, sealed: vault.seal(key, binding(of, purpose), Buffer.from(text)) };
}

/** Opens in one round trip. What stands under a key that was destroyed is empty. */
export async function openReasons(
  vault: Vault,
  reasons: readonly (SealedReason & { readonly of: string; readonly purpose: string })[],
): Promise<string[]> {
  if (reasons.length === 0) return [];
  const keys = await vault.keysById([...new Set(reasons.map(({ key_id }) => key_id))]);
  return reasons.map(({ key_id, sealed, of, purpose }) => {
    const key = keys.get(key_id);
    return key === undefined ? '' : vault.open(key, binding(of, purpose), sealed).toString('utf8');
  });
}
