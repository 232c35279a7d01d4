import type { SignInWork } from './deps.ts';
import { createFlow, endFlow } from './flows.ts';
import { identified, shownOf } from './identified.ts';
import { flowOver, refused } from './refusal.ts';
import { returnPath } from './return-path.ts';
import { type FlowState, viewOf } from './state.ts';
import { stepOf } from './step.ts';
import type { FlowView, SignIn } from './types.ts';

const empty = { methods: [], prepared: {}, subjects: [] } as const;

/** Of a step-up: Fault `unauthenticated` when the account is not active any more. */
export const begin =
  (work: SignInWork): SignIn['begin'] =>
  async ({ purpose, tenant, return_to, account }) => {
    const state: FlowState = { ...empty, purpose, step: 'identify', return_to: returnPath(return_to) };
    if (purpose === 'sign-in') {
      const { secret, flow } = await createFlow(work, tenant, state);
      return { secret, view: viewOf(flow) };
    }
    const whose = account === undefined ? undefined : await work.accounts.byId(tenant, account);
    if (whose?.state !== 'active') throw refused({ reason: 'not active', tenant });
    const { secret, flow } = await createFlow(work, tenant, { ...state, account: shownOf(whose) });
    return { secret, view: viewOf(flow) };
  };

/** Looks at a link and uses nothing up: the same link may be opened again until somebody came through to the end. */
export const open =
  (work: SignInWork): SignIn['open'] =>
  async (link_secret) => {
    const link = await work.accounts.links.find(link_secret);
    if (link === undefined) return undefined;
    const { id, purpose, tenant } = link;
    const state = { ...empty, purpose, return_to: '/account', link: id } as const;
    if (link.account === null) {
      const { secret, flow } = await createFlow(work, tenant, { ...state, step: 'account' });
      return { secret, view: viewOf(flow) };
    }
    const account = await work.accounts.byId(tenant, link.account);
    if (account === undefined) return undefined;
    const whose = { step: 'password', account: shownOf(account) } as const;
    const { secret, flow } = await createFlow(work, tenant, { ...state, ...whose });
    return { secret, view: viewOf(flow) };
  };

/** Somebody else vouched. The account's state is asked here once more, and again by the last step. */
export async function external(
  work: SignInWork,
  secret: string,
  { account: id, level, methods, provider }: Parameters<SignIn['external']>[1],
): Promise<FlowView> {
  const flow = await stepOf(work, secret, ['identify']);
  const { tenant, state } = flow;
  const account = await work.accounts.byId(tenant, id);
  if (account?.state !== 'active') throw refused({ reason: 'not active', tenant, account: id });
  if (state.account !== undefined && state.account.id !== id) {
    await endFlow(work, flow);
    throw flowOver();
  }
  const shown = [...new Set([...methods, 'sso' as const])];
  const vouched = provider === undefined ? flow : { ...flow, state: { ...state, provider } };
  return viewOf(await identified(work, vouched, account, { methods: shown, whole: level === 2 }));
}
