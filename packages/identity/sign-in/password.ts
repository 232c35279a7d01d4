import type { Account } from '../accounts/types.ts';
import type { SignInWork } from './deps.ts';
import { knownDevice } from './devices.ts';
import { endFlow, takeTry } from './flows.ts';
import { identified } from './identified.ts';
import { subjectOf, subjects, takeTryOf } from './limits.ts';
import { refused, tooMany } from './refusal.ts';
import { type Flow, viewOf } from './state.ts';
import { stepOf } from './step.ts';
import type { FlowView, From } from './types.ts';

interface Given {
  readonly login: string;
  readonly password: string;
}

/** The device that this login's account knows; asked for before the gate, because a known one goes first. */
async function deviceOf(work: SignInWork, tenant: number, login: string, from: From): Promise<string | undefined> {
  if (from.device === undefined) return undefined;
  const account = await work.accounts.byLogin(tenant, login);
  return knownDevice(work, { tenant, account: account?.id }, from.device);
}

/**
 * Per process and in memory: what costs nothing is refused before anything is asked of anybody. Never a known device.
 */
function checkNetwork({ attempts }: SignInWork, counted: string, from: From, tenant: number): void {
  const wait_s = attempts.wait_s(counted, from.remote);
  if (wait_s > 0) throw tooMany({ reason: 'too many failures', tenant }, wait_s);
}

/**
 * Sends a stranger away whose password nobody would look at now, before anything is asked or kept for them: no flow, no
 * query. A browser with a device cookie goes on: whether it is known is asked later. Fault `tooMany`.
 */
export function admit({ attempts, gate }: SignInWork, tenant: number, from: From): void {
  if (from.device !== undefined) return;
  const wait_s = attempts.wait_s('', from.remote);
  if (wait_s > 0) throw tooMany({ reason: 'too many failures', tenant }, wait_s);
  if (gate.isFull('other')) throw tooMany({ reason: 'too many attempts at once', tenant }, gate.wait_s());
}

interface Try {
  readonly flow: Flow;
  readonly given: Given;
  readonly from: From;
  readonly device: string | undefined;
  /** The counter of the login, which no known device is measured by. */
  readonly subject: string;
}

interface Proven {
  readonly account: Account;
  readonly subject: string;
}

/**
 * One turn at the gate. Whatever is wrong (no such login, a wrong password, an account that is suspended, terminated,
 * invited, external or without a password) the same is done: one try taken, one look-up, one argon2id.
 */
async function prove(work: SignInWork, { flow, given, from, device, subject }: Try): Promise<Proven> {
  const { tenant } = flow;
  const { accounts, authenticators, attempts } = work;
  if (device === undefined) checkNetwork(work, subject, from, tenant);
  const isLast = await takeTry(work, flow);
  const account = await accounts.byLogin(tenant, given.login);
  const known = account === undefined ? {} : { account: account.id };
  const own = device === undefined || account === undefined ? undefined : { account: account.id, device };
  const counted =
    own === undefined ? subject : await subjectOf(work, tenant, subjects.device(own.account, own.device, 'password'));
  await takeTryOf(work, counted, { reason: 'too many failures', tenant, ...known });
  const may = account?.state === 'active' && !account.external ? account : undefined;
  const right = await authenticators.passwords.verify(tenant, may?.id, given.password);
  if (right && may !== undefined) {
    attempts.succeeded(subject, from.remote);
    return { account: may, subject: counted };
  }
  attempts.failed(subject, from.remote);
  if (isLast) await endFlow(work, flow);
  throw refused({ reason: 'wrong password or login', tenant, ...known });
}

export async function password(work: SignInWork, secret: string, typed: Given, from: From): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['identify'], from);
  const { tenant, state } = flow;
  // Of a step-up it is known who is to show the password: another login is not even looked at.
  const given = { login: state.account?.login ?? typed.login, password: typed.password };
  const subject = await subjectOf(work, tenant, subjects.login(given.login));
  const device = await deviceOf(work, tenant, given.login, from);
  if (device === undefined) checkNetwork(work, subject, from, tenant);
  const lane = device === undefined ? 'other' : 'known';
  const turn = work.gate.run(lane, () => prove(work, { flow, given, from, device, subject }));
  if (turn === undefined) throw tooMany({ reason: 'too many attempts at once', tenant }, work.gate.wait_s());
  const { account, subject: counted } = await turn;
  return viewOf(await identified(work, flow, account, { methods: ['pwd'], whole: false, subject: counted }));
}
