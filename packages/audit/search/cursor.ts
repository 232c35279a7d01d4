import { fault } from '@safeguard/kernel';
import { noOwner, type Vault } from '@safeguard/seal';
import type { At } from '../index/find.ts';

/** Where a search goes on: the whole search, and the last event that was shown. Sealed: a link tells nothing. */
export interface Cursor {
  readonly query: string;
  readonly after: At;
}

const binding = { resource: noOwner, version: 0, purpose: 'audit-page' };

async function keyOf(vault: Vault) {
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw new Error('the tenant has no common key');
  return key;
}

export async function sealCursor(vault: Vault, cursor: Cursor): Promise<string> {
  return vault.seal(await keyOf(vault), binding, Buffer.from(JSON.stringify(cursor))).toString('base64url');
}

/** Fault `invalid`: it was never a page of this tenant's. */
export async function openCursor(vault: Vault, page: string): Promise<Cursor> {
  const key = await keyOf(vault);
  try {
    return JSON.parse(vault.open(key, binding, Buffer.from(page, 'base64url')).toString());
  } catch (cause) {
    throw fault('invalid', '_page: not a page link of this search', { cause });
  }
}
