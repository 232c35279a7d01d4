import type { Principal } from '@safeguard/http';
import { viewRules } from './segments/index.ts';

/**
 * Whom a view is made for, where ids are told under names of the caller's own: the caller in this view, so that who
 * holds two views cannot lay one over the other by ids. Undefined: ids are told as they are.
 */
export const recipientOf = ({ id, view }: Pick<Principal, 'id' | 'view'>): string | undefined =>
  view !== 'full' && viewRules[view].published ? `${view}/${id}` : undefined;
