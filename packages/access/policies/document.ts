import { fault } from '@safeguard/kernel';
import { type Binding, noOwner, type Vault } from '@safeguard/seal';
import type { Policy } from '../policy/types.ts';
import type { PolicyRow } from './rows.ts';
import type { PolicyTest } from './tests/types.ts';

/** What of a version is text: sealed as one. */
export interface PolicyDocument {
  readonly policy: Policy;
  readonly note?: string;
  readonly tests: readonly PolicyTest[];
}

/** Under the edition: the text of an earlier edition put back does not open, nor that of another version or tenant. */
const binding = (id: string, edition: number): Binding => ({ resource: id, version: edition, purpose: 'policy' });

export interface SealedDocument {
  readonly key_id: number;
  readonly sealed: Buffer;
}

/** Under the tenant's own key: a policy outlives who wrote it. Asks the database: never inside a transaction. */
export async function sealDocument(
  vault: Vault,
  id: string,
  edition: number,
  document: PolicyDocument,
): Promise<SealedDocument> {
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw fault('internal', 'The key of a tenant is missing.');
  return { key_id: key.id, sealed: vault.seal(key, binding(id, edition), Buffer.from(JSON.stringify(document))) };
}

type Stored = Pick<PolicyRow, 'id' | 'edition' | 'key_id' | 'sealed'>;

/** Throws a Fault for a text that is not the one that was sealed for this place. */
export async function openDocument(vault: Vault, { id, edition, key_id, sealed }: Stored): Promise<PolicyDocument> {
  const key = (await vault.keysById([key_id])).get(key_id);
  if (key === undefined) throw fault('internal', 'The key of a policy is missing.');
  return JSON.parse(vault.open(key, binding(id, edition), sealed).toString('utf8')) as PolicyDocument;
}
