import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { noOwner, type Seal } from '@safeguard/seal';
import { recipientOf } from '../recipient.ts';

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

type Asking = Pick<Principal, 'tenant' | 'id' | 'view'>;

/**
 * A link opens for what it was made for only; and where ids are told under a recipient's own names, for this recipient
 * only: by another's link two could find out which of their names mean the same.
 */
const boundTo = (principal: Asking, scope: string): string => {
  const recipient = recipientOf(principal);
  return recipient === undefined ? scope : `${recipient} ${scope}`;
};

/** `scope`: what is searched. A link opens for the same only. */
export async function sealPosition<P extends object = Position>(
  seal: Seal,
  principal: Asking,
  scope: string,
  position: P,
): Promise<string> {
  const vault = await seal.vault('clinical', principal.tenant);
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw new Error('the tenant has no common key');
  const told = { scope: boundTo(principal, scope), ...position };
  return vault.seal(key, binding, Buffer.from(JSON.stringify(told))).toString('base64url');
}

/** What `sealPosition` sealed. Fault `invalid`: it is none of this scope. */
export async function openPosition<P extends object = Position>(
  seal: Seal,
  principal: Asking,
  scope: string,
  page: string,
): Promise<P> {
  const vault = await seal.vault('clinical', principal.tenant);
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  try {
    if (key === undefined) throw new Error('the tenant has no common key');
    const position = JSON.parse(vault.open(key, binding, Buffer.from(page, 'base64url')).toString());
    if (position.scope !== boundTo(principal, scope)) throw new Error('a page of another search');
    return position;
  } catch (cause) {
    throw fault('invalid', '_page: not a page link of this search', { cause });
  }
}
