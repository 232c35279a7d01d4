import type { RequestEvent } from '@safeguard/http';

interface OperatorAct extends Pick<RequestEvent, 'id' | 'at' | 'tenant' | 'action' | 'outcome' | 'status' | 'targets'> {
  readonly actor: 'operator' | 'care';
}

/** An event of what was done on this machine and not over the network, as the platform's log keeps it. */
export const operatorEvent = (act: OperatorAct): RequestEvent => ({
  ...act,
  kind: 'request',
  view: 'full',
  from: 'local',
});
