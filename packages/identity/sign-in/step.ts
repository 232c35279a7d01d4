import { browserOf } from '../sessions/browser.ts';
import type { SignInWork } from './deps.ts';
import { endFlow, findFlow } from './flows.ts';
import { flowOver, wrongStep } from './refusal.ts';
import type { Flow } from './state.ts';
import type { From, Step } from './types.ts';

/**
 * The flow, when it stands at one of these steps: the first thing that every verb asks. `from`: the first one binds the
 * flow to its browser; a cookie that turns up in another one ends it. Fault `gone`, `conflict`.
 */
export async function stepOf(
  work: SignInWork,
  secret: string | undefined,
  allowed: readonly Step[],
  from?: From,
): Promise<Flow> {
  const flow = await findFlow(work, secret);
  if (flow === undefined) throw flowOver();
  if (from !== undefined) {
    const browser = browserOf(from.agent).toString('base64');
    if (flow.state.browser !== undefined && flow.state.browser !== browser) {
      await endFlow(work, flow);
      throw flowOver();
    }
    if (!allowed.includes(flow.state.step)) throw wrongStep();
    return { ...flow, state: { ...flow.state, browser } };
  }
  if (!allowed.includes(flow.state.step)) throw wrongStep();
  return flow;
}
