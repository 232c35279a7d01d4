import { createAttempts } from '../attempts.ts';
import { begin, external, open } from './begin.ts';
import { complete } from './complete.ts';
import type { SignInDeps, SignInWork } from './deps.ts';
import { findFlow } from './flows.ts';
import { createGate } from './gate.ts';
import { passkey, passkeyOptions } from './passkey.ts';
import { admit, password } from './password.ts';
import { code, recoveryCode } from './second.ts';
import { account, beginPasskey, beginTotp, choosePassword, codesKept, confirmPasskey, confirmTotp } from './set-up.ts';
import { viewOf } from './state.ts';
import { sweepSignIn } from './sweep.ts';
import type { SignIn } from './types.ts';

const flow_s = 900;

/** How people sign in, step by step: see types.ts for what each verb promises. One per process: it holds the gate. */
export function createSignIn(deps: SignInDeps): SignIn {
  const work: SignInWork = {
    ...deps,
    gate: deps.gate ?? createGate(),
    attempts: createAttempts(deps.clock),
    flow_ms: (deps.settings?.flow_s ?? flow_s) * 1000,
  };
  return {
    begin: begin(work),
    open: open(work),
    async view(secret) {
      const flow = await findFlow(work, secret);
      return flow === undefined ? undefined : viewOf(flow);
    },
    account: (secret, who) => account(work, secret, who),
    choosePassword: (secret, text) => choosePassword(work, secret, text),
    admit: (tenant, from) => admit(work, tenant, from),
    password: (secret, given, from) => password(work, secret, given, from),
    passkeyOptions: (secret, from) => passkeyOptions(work, secret, from),
    passkey: (secret, response, from) => passkey(work, secret, response, from),
    code: (secret, typed, from) => code(work, secret, typed, from),
    recoveryCode: (secret, typed, from) => recoveryCode(work, secret, typed, from),
    beginTotp: (secret) => beginTotp(work, secret),
    confirmTotp: (secret, typed) => confirmTotp(work, secret, typed),
    beginPasskey: (secret, from) => beginPasskey(work, secret, from),
    confirmPasskey: (secret, response, label, from) => confirmPasskey(work, secret, response, label, from),
    codesKept: (secret) => codesKept(work, secret),
    external: (secret, who) => external(work, secret, who),
    complete: (secret, from) => complete(work, secret, from),
    sweep: () => sweepSignIn(work),
  };
}
