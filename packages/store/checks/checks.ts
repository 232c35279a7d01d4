import type { Check } from '@safeguard/kernel';
import type { Store } from '../assemble.ts';
import { segmentsApart } from './apart.ts';
import { durable } from './durable.ts';
import { connectionPrivate } from './private.ts';
import { rolesMinimal } from './roles.ts';
import { rowSecurity } from './row-security.ts';

export interface StoreCheckDeps {
  readonly store: Pick<Store, 'segment' | 'reader' | 'status' | 'enters'>;
}

/** The checks of the databases: who gets where, what each role may, what survives a power cut, how bytes travel. */
export const storeChecks = (deps: StoreCheckDeps): Check[] => [
  segmentsApart(deps),
  rowSecurity(deps),
  rolesMinimal(deps),
  durable(deps),
  connectionPrivate(deps),
];
