import { fault } from '@safeguard/kernel';
import { noOwner, type Seal } from '@safeguard/seal';

/**
 * Where a result goes on. Sealed, so that a link carries nothing of the query: an identifier in a URL is PHI in a
 * log.
 */
export interface Position {
  /** The query as first asked, without `_page`. */
  readonly query: string;
  /** Last row of the page before; undefined: the beginning (a self link). */
  readonly after?: { readonly at: string; readonly id: string };
}

const binding = { resource: noOwner, version: 0, purpose: 'page' };

export async function sealPosition(seal: Seal, tenant: number, type: string, position: Position): Promise<string> {
  const vault = await seal.vault('clinical', tenant);
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw new Error('the tenant has no common key');
  return vault.seal(key, binding, Buffer.from(JSON.stringify({ type, ...position }))).toString('base64url');
}

export async function openPosition(seal: Seal, tenant: number, type: string, page: string): Promise<Position> {
  const vault = await seal.vault('clinical', tenant);
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  try {
    if (key === undefined) throw new Error('the tenant has no common key');
    const position = JSON.parse(vault.open(key, binding, Buffer.from(page, 'base64url')).toString());
    if (position.type !== type) throw new Error('a page of another type');
    return position;
  } catch (cause) {
    throw fault('invalid', '_page: not a page link of this search', { cause });
  }
}
