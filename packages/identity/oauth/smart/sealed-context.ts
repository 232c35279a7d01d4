import type { DataKey, Vault } from '@safeguard/seal';

/**
 * The launch context: whose record is open, and how the app is to show itself (SMART App Launch 2.2, "Launch context").
 */
export interface LaunchContext {
  /** The id of a Patient; null: none. */
  readonly patient: string | null;
  readonly encounter: string | null;
  readonly intent?: string;
  readonly need_patient_banner?: boolean;
  readonly smart_style_url?: string;
}

export const noContext: LaunchContext = { patient: null, encounter: null };

export interface SealedContext {
  readonly key_id: number;
  readonly sealed: Buffer;
}

type Purpose = 'launch' | 'grant-context';

/** Seals a context under the key of `owner`, bound to its row. */
export async function sealContext(
  vault: Vault,
  owner: string,
  row: string,
  purpose: Purpose,
  context: LaunchContext,
): Promise<SealedContext> {
  const key = (await vault.keysFor([owner])).get(owner) as DataKey;
  const plain = Buffer.from(JSON.stringify(context));
  return { key_id: key.id, sealed: vault.seal(key, { resource: row, version: 1, purpose }, plain) };
}

/** Undefined when the key was destroyed: what it said is gone for good. */
export async function openContext(
  vault: Vault,
  row: string,
  purpose: Purpose,
  { key_id, sealed }: SealedContext,
): Promise<LaunchContext | undefined> {
  const key = vault.cached(key_id) ?? (await vault.keysById([key_id])).get(key_id);
  if (key === undefined) return undefined;
  return JSON.parse(vault.open(key, { resource: row, version: 1, purpose }, sealed).toString('utf8')) as LaunchContext;
}
