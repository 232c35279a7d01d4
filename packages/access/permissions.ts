import type { Letter } from './interactions.ts';
import { sensitiveNames } from './policies/house/sensitive.ts';

/** What no scope alone gives: it takes a permission that an operator granted the client, beside the scope's letter. */
export type Permission = 'history-delete' | 'purge' | 'reindex';
const interactionPermissions: readonly Permission[] = ['history-delete', 'purge', 'reindex'];

/** `sensitive:hiv` …: opens what bears the labels of that category, as far as scopes and policy let it. */
const opening = sensitiveNames.map((name) => `sensitive:${name}`);

export const permissions: ReadonlySet<string> = new Set([...interactionPermissions, ...opening]);

/** The interactions that need one, and the letter they need besides. */
export const permissionInteractions: ReadonlyMap<string, { readonly permission: Permission; readonly letter: Letter }> =
  new Map([
    ['history-delete', { permission: 'history-delete', letter: 'd' }],
    ['purge', { permission: 'purge', letter: 'd' }],
    ['reindex', { permission: 'reindex', letter: 'u' }],
  ]);
