import type { Letter } from './interactions.ts';

/** What no scope alone gives: it takes a permission that an operator granted the client, beside the scope's letter. */
export type Permission = 'history-delete' | 'purge' | 'reindex';

export const permissions: ReadonlySet<string> = new Set<Permission>(['history-delete', 'purge', 'reindex']);

/** The interactions that need one, and the letter they need besides. */
export const permissionInteractions: ReadonlyMap<string, { readonly permission: Permission; readonly letter: Letter }> =
  new Map([
    ['history-delete', { permission: 'history-delete', letter: 'd' }],
    ['purge', { permission: 'purge', letter: 'd' }],
    ['reindex', { permission: 'reindex', letter: 'u' }],
  ]);
