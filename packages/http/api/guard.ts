import type { Principal } from '../types.ts';

/** May they: throws Fault `forbidden` when no rule of `access` permits it. */
export type Guard = (
  principal: Principal,
  action: string,
  target: { readonly type: string; readonly id?: string },
) => void;
