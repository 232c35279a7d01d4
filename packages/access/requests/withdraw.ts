import { fault } from '@safeguard/kernel';
import type { GrantDeps } from '../grants/deps.ts';
import { requestRow } from './decide.ts';
import { missingRequest } from './rows.ts';

/** Waits for a decision under way; whichever comes first holds. */
const withdrawOne = {
  name: 'access.request.withdraw',
  text: `update access.request set state = 'withdrawn'
    where tenant = $1 and id = $2 and state = 'open' and lapses_at > $3 returning id`,
};

/** Fault `missing`, `forbidden` for anybody but requester and subject, `conflict` when it is decided or lapsed. */
export async function withdraw(
  deps: Pick<GrantDeps, 'segment' | 'clock'>,
  tenant: number,
  by: string,
  id: string,
): Promise<void> {
  const row = await requestRow(deps, tenant, id);
  if (row === undefined) throw missingRequest();
  if (by !== row.asked_by && by !== row.account) {
    throw fault('forbidden', 'Access denied: a request is withdrawn by who asked, or for whom it is.');
  }
  const done = await deps.segment.query(tenant, withdrawOne, [tenant, id, new Date(deps.clock.now())]);
  if (done.length === 0) throw fault('conflict', 'The request is decided, withdrawn or lapsed.');
}
