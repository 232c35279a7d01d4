import { isFault, newId } from '@safeguard/kernel';
import { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server';
import { platform } from '../tenants.ts';
import type { AuthenticatorDeps } from './deps.ts';
import { enrol } from './enrol.ts';
import { labelOf } from './label.ts';
import {
  algorithms,
  credentialHash,
  type PasskeyBody,
  passkeyPlace,
  relyingParty,
  userIdOf,
  verifyAnswer,
  verifyRegistration,
} from './passkey-verify.ts';
import { openFrom, type SealedRow, sealFor } from './sealed.ts';
import type { Passkeys, Prepare, PreparedFactor } from './types.ts';

const selectOfAccount = {
  name: 'identity.factor.passkeys',
  text: `select id, account, key_id, sealed from identity.factor
    where account = $1 and tenant = $2 and kind = 'passkey' and ended_at is null order by created_at, id`,
};
const selectByCredential = {
  name: 'identity.factor.by-credential',
  text: `select f.id, f.account, f.key_id, f.sealed from identity.factor f join identity.account a on a.id = f.account
    where f.credential = $1 and f.tenant = $2 and f.kind = 'passkey' and f.ended_at is null and a.state = 'active'`,
};
const known = {
  name: 'identity.factor.knows-credential',
  text: 'select 1 as one from identity.factor where credential = $1 and tenant = $2',
};
/**
 * WebAuthn 3 7.2 step 22: an authenticator that counts always counts up; one that does not (a synced passkey) says 0.
 * One statement decides, whichever process the answers came to.
 */
const count = {
  name: 'identity.factor.count-up',
  text: `update identity.factor set counter = $3, last_used_at = $4
    where id = $1 and tenant = $2 and ended_at is null and (counter < $3 or (counter = 0 and $3 = 0)) returning id`,
};
/** It went back, not: it was the same. The same answer sent twice ends nothing. */
const endCopied = {
  name: 'identity.factor.end-copied',
  text: `update identity.factor set ended_at = $4
    where id = $1 and tenant = $2 and ended_at is null and counter > $3 returning id`,
};

type PasskeyRow = SealedRow & { id: string; account: string; [column: string]: unknown };

const timeout_ms = 300_000;
const usualLabel = 'Passkey';
const selection = { residentKey: 'required', requireResidentKey: true, userVerification: 'required' } as const;

async function bodiesOf({ segment, vault }: AuthenticatorDeps, tenant: number, account: string) {
  const keys = await vault(tenant);
  const rows = await segment.query<PasskeyRow>(tenant, selectOfAccount, [account, tenant]);
  const bodies = await Promise.all(rows.map((row) => openFrom<PasskeyBody>(keys, passkeyPlace(row.id), row)));
  return bodies.map(({ credential, transports }) => ({ id: credential, transports: [...transports] }));
}

/** Runs a check of what a browser sent. What it throws is one more way of saying no; its class is logged. */
async function orRefused<T>({ log }: AuthenticatorDeps, check: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (isFault(error)) throw error;
    log.warn('a passkey was refused', { error });
    return undefined;
  }
}

/** What `enrol` writes of a new passkey; undefined: it does not verify, or is registered in the tenant already. */
export async function preparePasskey(
  deps: AuthenticatorDeps,
  ...[tenant, account, expected, response, text]: Parameters<Prepare['passkey']>
): Promise<PreparedFactor | undefined> {
  const label = labelOf(text, usualLabel);
  const verified = await orRefused(deps, () => verifyRegistration(expected, response));
  if (verified === undefined) return undefined;
  const { credential, public_key, transports, counter } = verified;
  const found = credentialHash(credential);
  if ((await deps.segment.query(tenant, known, [found, tenant])).length > 0) return undefined;
  const id = newId();
  const body: PasskeyBody = { credential, public_key, transports, label };
  const { key_id, sealed } = await sealFor(await deps.vault(tenant), account, passkeyPlace(id), body);
  const place = { tenant, account, id, kind: 'passkey', key_id, sealed: sealed.toString('base64') } as const;
  return { ...place, last_step: null, credential: found.toString('base64'), counter };
}

function createAuthenticate(deps: AuthenticatorDeps): Passkeys['authenticate'] {
  const { segment, vault, clock, log } = deps;
  return async (tenant, expected, response) => {
    const credential = typeof response?.id === 'string' ? response.id : '';
    const [row] = await segment.query<PasskeyRow>(tenant, selectByCredential, [credentialHash(credential), tenant]);
    if (row === undefined || (expected.account !== undefined && expected.account !== row.account)) return undefined;
    const body = await openFrom<PasskeyBody>(await vault(tenant), passkeyPlace(row.id), row);
    const counter = await orRefused(deps, () => verifyAnswer(expected, row.account, body, response));
    if (counter === undefined) return undefined;
    const values = [row.id, tenant, counter, new Date(clock.now())];
    if ((await segment.query(tenant, count, values)).length > 0) return row.account;
    const copied = await segment.query(tenant, endCopied, values);
    if (copied.length > 0) log.warn('a passkey ended: its counter went back');
    return undefined;
  };
}

export function createPasskeys(deps: AuthenticatorDeps): Passkeys {
  return {
    registrationOptions: async (tenant, { id, login, name }, origin) =>
      generateRegistrationOptions({
        rpName: 'Safeguard',
        rpID: relyingParty(origin).id,
        userID: userIdOf(id),
        userName: login,
        userDisplayName: name,
        timeout: timeout_ms,
        attestationType: 'none',
        authenticatorSelection: selection,
        supportedAlgorithmIDs: [...algorithms],
        excludeCredentials: await bodiesOf(deps, tenant, id),
      }),
    async register(tenant, account, expected, response, label) {
      const factor = await preparePasskey(deps, tenant, account, expected, response, label);
      if (factor === undefined) return false;
      const at = new Date(deps.clock.now());
      const enrolment = { factors: [factor] };
      await deps.segment.transaction(platform, (connection) => enrol(connection, tenant, account, enrolment, at));
      return true;
    },
    authenticationOptions: async (tenant, account, origin) =>
      generateAuthenticationOptions({
        rpID: relyingParty(origin).id,
        timeout: timeout_ms,
        userVerification: 'required',
        allowCredentials: account === undefined ? [] : await bodiesOf(deps, tenant, account),
      }),
    authenticate: createAuthenticate(deps),
  };
}
