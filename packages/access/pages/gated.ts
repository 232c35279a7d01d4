import { type Answer, fresh_ms, type RequestContext } from '@safeguard/http';
import type { AccessPagesDeps } from './ports.ts';

type Deps = Pick<AccessPagesDeps, 'frame' | 'clock'>;

/** Whether a factor was shown within the last 5 minutes (OWASP ASVS 5.0 7.5.3). */
export const isFresh = ({ clock }: Deps, { principal: { assurance } }: RequestContext): boolean =>
  assurance !== undefined && assurance.level >= 2 && clock.now() - assurance.at <= fresh_ms;

/** What raises rights waits for a factor: asked before the form, so that nothing that was written is lost. */
export const gated = (
  deps: Deps,
  context: RequestContext,
  back: string,
  then: () => Promise<Answer>,
): Promise<Answer> => (isFresh(deps, context) ? then() : deps.frame.stepUp(context, back));
