import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import type { Method } from '../sessions/types.ts';
import type { SignInWork } from './deps.ts';
import { endFlow, saveFlow, takeTry } from './flows.ts';
import { identified } from './identified.ts';
import { subjectOf, subjects } from './limits.ts';
import { refused } from './refusal.ts';
import { type Flow, viewOf } from './state.ts';
import { stepOf } from './step.ts';
import type { FlowView, From } from './types.ts';

/**
 * The lower claim of the two (RFC 8176): nobody attests whether the key is in hardware. User verification is required.
 */
export const passkeyMethods: readonly Method[] = ['swk', 'user', 'mfa'];

/**
 * At the first step a discoverable credential is asked for: what the browser is told is the same whether or not anybody
 * has one. Afterwards it is known whose it must be.
 */
export async function passkeyOptions(
  work: SignInWork,
  secret: string,
  from: From,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const flow = await stepOf(work, secret, ['identify', 'second'], from);
  const { tenant, state } = flow;
  const options = await work.authenticators.passkeys.authenticationOptions(tenant, state.account?.id, from.origin);
  await saveFlow(work, flow, { challenge: { value: options.challenge, for: 'authenticate' } });
  return options;
}

/** The challenge is used up by the first answer to it, right or wrong, before the answer is looked at. */
async function useChallenge(work: SignInWork, flow: Flow): Promise<{ flow: Flow; value: string } | undefined> {
  const { challenge, ...state } = flow.state;
  if (challenge?.for !== 'authenticate') return undefined;
  return { flow: await saveFlow(work, { ...flow, state }, {}), value: challenge.value };
}

/** Never counted against the account: nobody guesses a passkey, and no failure of others may keep its owner out. */
export async function passkey(
  work: SignInWork,
  secret: string,
  response: AuthenticationResponseJSON,
  from: From,
): Promise<FlowView> {
  const found = await stepOf(work, secret, ['identify', 'second'], from);
  const isLast = await takeTry(work, found);
  const used = await useChallenge(work, found);
  const { tenant, state } = found;
  const whose = state.account?.id;
  const expected = { origin: from.origin, ...(whose === undefined ? {} : { account: whose }) };
  const id =
    used === undefined
      ? undefined
      : await work.authenticators.passkeys.authenticate(tenant, { ...expected, challenge: used.value }, response);
  const account = id === undefined ? undefined : await work.accounts.byId(tenant, id);
  const right = account?.state === 'active' && (whose === undefined || account.id === whose);
  if (used === undefined || account === undefined || !right) {
    if (isLast) await endFlow(work, found);
    throw refused({ reason: 'wrong passkey', tenant, ...(whose === undefined ? {} : { account: whose }) });
  }
  const methods = [...new Set<Method>([...state.methods, ...passkeyMethods])];
  if (state.step === 'identify') return viewOf(await identified(work, used.flow, account, { methods, whole: true }));
  const cleared = [...state.subjects, await subjectOf(work, tenant, subjects.second(account.id))];
  return viewOf(await saveFlow(work, used.flow, { step: 'done', methods, subjects: [...new Set(cleared)] }, true));
}
