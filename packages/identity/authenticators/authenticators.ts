import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { AuthenticatorDeps } from './deps.ts';
import { enrol } from './enrol.ts';
import { hasSecond, listFactors } from './factors.ts';
import { createPasskeys, preparePasskey } from './passkeys.ts';
import { createPasswords, preparePassword } from './passwords.ts';
import { createRecoveryCodes, prepareCodes } from './recovery.ts';
import { dropAll, removeFactor } from './remove.ts';
import { beginTotp, createTotp, prepareTotp } from './totp.ts';
import type { Authenticators, AuthenticatorsWithin, Prepare } from './types.ts';

const prepareOf = (deps: AuthenticatorDeps): Prepare => ({
  password: (tenant, account, text) => preparePassword(deps, tenant, account, text),
  totp: beginTotp,
  confirmTotp: (...asked) => prepareTotp(deps, ...asked),
  passkey: (...asked) => preparePasskey(deps, ...asked),
  codes: (tenant, account) => prepareCodes(deps, tenant, account),
});

const within = ({ clock }: AuthenticatorDeps, connection: Connection): AuthenticatorsWithin => ({
  enrol: (tenant, account, enrolment) => enrol(connection, tenant, account, enrolment, new Date(clock.now())),
  removeAll: (tenant, account) => dropAll(connection, tenant, account),
});

/** What people sign in with: passwords, one-time codes, passkeys, recovery codes. */
export function createAuthenticators(deps: AuthenticatorDeps): Authenticators {
  const { segment } = deps;
  return {
    passwords: createPasswords(deps),
    totp: createTotp(deps),
    passkeys: createPasskeys(deps),
    recovery: createRecoveryCodes(deps),
    prepare: prepareOf(deps),
    within: (connection) => within(deps, connection),
    list: (tenant, account) => listFactors(deps, tenant, account),
    remove: (tenant, account, factor) =>
      segment.transaction(platform, (connection) => removeFactor(connection, tenant, account, factor)),
    removeAll: (tenant, account) => segment.transaction(platform, (connection) => dropAll(connection, tenant, account)),
    hasSecond: (tenant, account) => hasSecond(deps, tenant, account),
  };
}
