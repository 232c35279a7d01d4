import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Content } from '../content/types.ts';
import type { Posture } from '../posture/types.ts';
import { inheritanceOf } from './compute.ts';
import { customerOf, setCustomer } from './customer.ts';
import type { Inheriter } from './types.ts';

export interface InheritanceDeps {
  readonly content: () => Content;
  readonly postureAt: (at: number) => Promise<Posture>;
  /** The identity segment. */
  readonly segment: Segment;
  readonly clock: Clock;
  /** Placeholders filled in by the parameters in force. */
  readonly render: (text: string) => string;
}

/** What customers inherit from the platform: who carries each control, and how the platform's part stands. */
export function createInheritance(deps: InheritanceDeps): Inheriter {
  return {
    async read(tenant, at = deps.clock.now()) {
      const customer = await customerOf(deps, tenant, at);
      return inheritanceOf(deps.content(), await deps.postureAt(at), customer, deps.render);
    },
    customer: (tenant, at = deps.clock.now()) => customerOf(deps, tenant, at),
    setCustomer: (actor, tenant, wanted) => setCustomer(deps, actor, tenant, wanted),
  };
}
