import type { Method } from '../sessions/types.ts';
import type { SignInWork } from './deps.ts';
import { knownDevice } from './devices.ts';
import { endFlow, saveFlow, takeTry } from './flows.ts';
import { subjectOf, subjects, takeTryOf } from './limits.ts';
import { flowOver, refused, tooMany } from './refusal.ts';
import { type Flow, type FlowState, viewOf } from './state.ts';
import { stepOf } from './step.ts';
import type { FlowView, From, Refusal } from './types.ts';

interface Second {
  readonly reason: Refusal['reason'];
  readonly change: Partial<FlowState>;
  verify(tenant: number, account: string): Promise<boolean>;
}

/** What each right second factor adds; `mfa` (RFC 8176): two of different kinds were shown. */
export const withSecond = (state: FlowState, ...added: readonly Method[]): readonly Method[] => [
  ...new Set<Method>([...state.methods, ...added, 'mfa']),
];

/** The account's second factor is counted over all flows, networks and processes; a known device by itself. */
async function countedBy(work: SignInWork, tenant: number, account: string, from: From): Promise<string> {
  const device = await knownDevice(work, { tenant, account }, from.device);
  const subject = device === undefined ? subjects.second(account) : subjects.device(account, device, 'second');
  return subjectOf(work, tenant, subject);
}

async function prove(work: SignInWork, flow: Flow, from: From, second: Second): Promise<FlowView> {
  const { tenant, state } = flow;
  if (state.account === undefined) throw flowOver();
  const { id: account } = state.account;
  const isLast = await takeTry(work, flow);
  const counted = await countedBy(work, tenant, account, from);
  await takeTryOf(work, counted, { reason: 'too many failures', tenant, account });
  if (!(await second.verify(tenant, account))) {
    if (isLast) await endFlow(work, flow);
    throw refused({ reason: second.reason, tenant, account });
  }
  const subjectsOf = [...new Set([...state.subjects, counted])];
  return viewOf(await saveFlow(work, flow, { ...second.change, step: 'done', subjects: subjectsOf }, true));
}

/** Anything longer is no code of ours, however it was typed. */
const longestCode = 64;

/** A one-time code of an authenticator app (RFC 6238). */
export async function code(work: SignInWork, secret: string, typed: string, from: From): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['second'], from);
  return prove(work, flow, from, {
    reason: 'wrong code',
    change: { methods: withSecond(flow.state, 'otp') },
    verify: (tenant, account) => work.authenticators.totp.verify(tenant, account, typed.slice(0, longestCode)),
  });
}

/**
 * One of the codes that were shown once; it counts as a one-time password (a look-up secret, SP 800-63B-4 3.1.2). It is
 * hashed as slowly as a password: so it waits for its turn, as one does, before a try is counted.
 */
export async function recoveryCode(work: SignInWork, secret: string, typed: string, from: From): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['second'], from);
  const { tenant, state } = flow;
  const device = await knownDevice(work, { tenant, account: state.account?.id }, from.device);
  const second: Second = {
    reason: 'wrong recovery code',
    change: { methods: withSecond(state, 'otp'), recovery_code: true },
    verify: (tenant, account) => work.authenticators.recovery.use(tenant, account, typed.slice(0, longestCode)),
  };
  const turn = work.gate.run(device === undefined ? 'other' : 'known', () => prove(work, flow, from, second));
  if (turn === undefined) throw tooMany({ reason: 'too many attempts at once', tenant }, work.gate.wait_s());
  return turn;
}
