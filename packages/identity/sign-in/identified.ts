import type { Account } from '../accounts/types.ts';
import type { Method } from '../sessions/types.ts';
import type { SignInWork } from './deps.ts';
import { saveFlow } from './flows.ts';
import { subjectOf, subjects } from './limits.ts';
import type { Flow, FlowState } from './state.ts';
import type { FlowView } from './types.ts';

type Factors = NonNullable<FlowView['factors']>;
const order: Factors = ['passkey', 'totp', 'recovery-codes'];

export const shownOf = ({ id, login, name }: Account): { id: string; login: string; name: string } => ({
  id,
  login,
  name,
});

/** How a first factor was right. */
export interface FirstFactor {
  readonly methods: readonly Method[];
  /** Two factors at once: a passkey with user verification, or a provider that is trusted for two. */
  readonly whole: boolean;
  /** The counter that a try was taken from. */
  readonly subject?: string;
}

async function factorsOf({ authenticators }: SignInWork, tenant: number, account: string): Promise<Factors> {
  const kinds = new Set((await authenticators.list(tenant, account)).map(({ kind }) => kind));
  return order.filter((kind) => kinds.has(kind));
}

/** What is next: nothing, the second factor, or, where there is none yet, setting one up: nobody gets in with one. */
async function nextOf(work: SignInWork, tenant: number, account: string, whole: boolean): Promise<Partial<FlowState>> {
  if (whole) return { step: 'done' };
  if (!(await work.authenticators.hasSecond(tenant, account))) return { step: 'enrol' };
  return { step: 'second', factors: await factorsOf(work, tenant, account) };
}

/** The first factor was right. From here on the flow knows whose it is. */
export async function identified(
  work: SignInWork,
  flow: Flow,
  account: Account,
  { methods, whole, subject }: FirstFactor,
): Promise<Flow> {
  const { tenant } = flow;
  const counted = [
    await subjectOf(work, tenant, subjects.login(account.login)),
    ...(subject === undefined ? [] : [subject]),
    ...(whole ? [await subjectOf(work, tenant, subjects.second(account.id))] : []),
  ];
  const { challenge: _, ...state } = flow.state;
  const change: Partial<FlowState> = {
    ...(await nextOf(work, tenant, account.id, whole)),
    account: shownOf(account),
    identified_at: work.clock.now(),
    methods,
    subjects: [...new Set([...state.subjects, ...counted])],
  };
  return saveFlow(work, { ...flow, state }, change, true);
}
