import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { PreparedFactor } from '../authenticators/types.ts';
import type { Method } from '../sessions/types.ts';
import type { SignInWork } from './deps.ts';
import { saveFlow } from './flows.ts';
import { passkeyMethods } from './passkey.ts';
import { flowOver, refused, tooMany } from './refusal.ts';
import { withSecond } from './second.ts';
import { type Flow, type FlowState, viewOf } from './state.ts';
import { stepOf } from './step.ts';
import type { FlowView, From } from './types.ts';

type Whose = NonNullable<FlowState['account']>;

function whoseOf({ state }: Flow): Whose {
  if (state.account === undefined) throw flowOver();
  return state.account;
}

/** Who the first administrator is. The account is made by the last step; until then it stands in this flow alone. */
export async function account(
  work: SignInWork,
  secret: string,
  { login, name }: { readonly login: string; readonly name: string },
): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['account']);
  const { tenant } = flow;
  const made = await work.accounts.prepare({ tenant, kind: 'workforce', login, name, roles: ['administrator'] });
  const shown = { id: made.id, login: made.login, name: made.name };
  const prepared = { ...flow.state.prepared, account: made };
  return viewOf(await saveFlow(work, flow, { step: 'password', account: shown, prepared }));
}

/** Hashed now and kept in the flow: nothing is set before the last step. Whoever has a link goes first at the gate. */
export async function choosePassword(work: SignInWork, secret: string, text: string): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['password']);
  const { tenant, state } = flow;
  const { id, login, name } = whoseOf(flow);
  const called = await work.tenantName?.(tenant);
  const context = { login, name, ...(called === undefined ? {} : { tenantName: called }) };
  work.authenticators.passwords.check(text, { ...context, withSecondFactor: true });
  const turn = work.gate.run('known', () => work.authenticators.prepare.password(tenant, id, text));
  if (turn === undefined) throw tooMany({ reason: 'too many attempts at once', tenant }, work.gate.wait_s());
  const prepared = { ...state.prepared, password: await turn };
  return viewOf(await saveFlow(work, flow, { step: 'enrol', prepared, methods: ['pwd'] }));
}

export async function beginTotp(work: SignInWork, secret: string): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['enrol']);
  const totp = work.authenticators.prepare.totp(whoseOf(flow).login);
  return viewOf(await saveFlow(work, flow, { totp }));
}

/** The factor was shown to work. Its recovery codes come with it: both become valid at the end, or neither. */
async function enrolled(work: SignInWork, flow: Flow, factor: PreparedFactor, methods: readonly Method[]) {
  const { totp: _, challenge: __, ...state } = flow.state;
  const { codes, prepared } = await work.authenticators.prepare.codes(flow.tenant, whoseOf(flow).id);
  const change = { step: 'codes', methods, codes, prepared: { ...state.prepared, factor, codes: prepared } } as const;
  return viewOf(await saveFlow(work, { ...flow, state }, change));
}

const appLabel = 'Authenticator app';

/** No try is counted: the secret was just shown to whoever types this code, there is nothing to guess. */
export async function confirmTotp(work: SignInWork, secret: string, typed: string): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['enrol']);
  const { tenant, state } = flow;
  const { id } = whoseOf(flow);
  if (state.totp === undefined) throw refused({ reason: 'wrong code', tenant, account: id });
  const factor = await work.authenticators.prepare.confirmTotp(tenant, id, state.totp, typed, appLabel);
  if (factor === undefined) throw refused({ reason: 'wrong code', tenant, account: id });
  return enrolled(work, flow, factor, withSecond(state, 'otp'));
}

export async function beginPasskey(
  work: SignInWork,
  secret: string,
  from: From,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const flow = await stepOf(work, secret, ['enrol'], from);
  const options = await work.authenticators.passkeys.registrationOptions(flow.tenant, whoseOf(flow), from.origin);
  await saveFlow(work, flow, { challenge: { value: options.challenge, for: 'register' } });
  return options;
}

export async function confirmPasskey(
  work: SignInWork,
  secret: string,
  response: RegistrationResponseJSON,
  label: string,
  from: From,
): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['enrol'], from);
  const { tenant } = flow;
  const { id } = whoseOf(flow);
  const { challenge, ...state } = flow.state;
  if (challenge?.for !== 'register') throw refused({ reason: 'wrong passkey', tenant, account: id });
  // The challenge is used up before the answer to it is looked at.
  const used = await saveFlow(work, { ...flow, state }, {});
  const expected = { challenge: challenge.value, origin: from.origin };
  const factor = await work.authenticators.prepare.passkey(tenant, id, expected, response, label);
  if (factor === undefined) throw refused({ reason: 'wrong passkey', tenant, account: id });
  return enrolled(work, used, factor, withSecond(state, ...passkeyMethods));
}

/** The person says that the codes are kept: they are not shown again. */
export async function codesKept(work: SignInWork, secret: string): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['codes']);
  const { codes: _, ...state } = flow.state;
  return viewOf(await saveFlow(work, { ...flow, state }, { step: 'done' }));
}
