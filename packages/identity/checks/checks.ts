import type { Check } from '@safeguard/kernel';
import { anonymousRefused } from './anonymous.ts';
import type { IdentityCheckDeps } from './deps.ts';
import { idleLogoff } from './idle.ts';
import { inactiveAccounts } from './inactive.ts';
import { leavers } from './leavers.ts';
import { passwords } from './passwords.ts';
import { lockOut, signInsRecorded } from './sign-in.ts';
import { tokensEnd } from './tokens.ts';
import { twoFactors } from './two-factors.ts';
import { uniqueIds } from './unique-ids.ts';

/** What identity proves of itself while it runs: who gets in, by what, and when that ends. */
export const identityChecks = (deps: IdentityCheckDeps): Check[] => [
  anonymousRefused(deps),
  twoFactors(deps),
  uniqueIds(deps),
  idleLogoff(deps),
  passwords(deps),
  lockOut(deps),
  signInsRecorded(deps),
  leavers(deps),
  tokensEnd(deps),
  inactiveAccounts(deps),
];
