import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { setState, settled } from './change.ts';
import { inForce } from './content.ts';
import { tell } from './events.ts';
import { type ApplicationRow, currentOf, type Sealer } from './rows.ts';
import type { Actor, CoreDeps, Decision } from './types.ts';

const authors = {
  name: 'identity.application.authors',
  text: `select distinct made_by from identity.application_revision
    where application = $1 and number > $2 and number <= $3 and made_by is not null`,
};

export const ownApplication =
  'Nobody approves what they asked for or wrote: another administrator decides, or the operator on the machine.';

/** Two people, or a person and the operator: who asked, wrote or invited it is never the one who approves it. */
async function checkOther(connection: Connection, row: ApplicationRow, actor: Actor): Promise<void> {
  if (actor.kind === 'operator') return;
  if (actor.kind !== 'user') throw fault('forbidden', 'Access denied: applications are decided by people.');
  const rows = await connection.query<{ made_by: string }>(authors, [row.id, currentOf(row) ?? 0, row.proposed]);
  const own = row.requester === actor.id || rows.some(({ made_by }) => made_by === actor.id);
  if (own) throw fault('forbidden', ownApplication);
}

/** What was seen is what is decided: a revision that came in between is another application. */
function checkWaiting(row: ApplicationRow, version: number): void {
  if (row.client_state === 'revoked' || row.state !== 'pending') {
    throw fault('conflict', 'Nothing waits for a decision here.');
  }
  if (row.proposed !== version) throw fault('stale', 'It was changed since it was shown: look at it again.');
}

function checkedScopes({ scopes: rules }: Pick<CoreDeps, 'scopes'>, row: ApplicationRow, wanted: readonly string[]) {
  const asked = row.content.scopes;
  const sound = wanted.length <= 200 && wanted.every((one) => rules.isScope(one) && rules.narrows(one, asked));
  if (sound) return [...new Set(wanted.map((one) => rules.normalScope(one)))];
  const text = 'scopes: expected scopes within those that were asked for';
  throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'scopes' }] });
}

export function checkReason(reason: string | undefined): void {
  if (reason === undefined || (reason.trim() !== '' && reason.length <= 2_000)) return;
  const text = 'reason: expected 1 to 2000 characters';
  throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'reason' }] });
}

/** The row is locked by then. */
export async function decideLocked(
  deps: Pick<CoreDeps, 'scopes'>,
  sealer: Sealer,
  connection: Connection,
  row: ApplicationRow,
  { actor, decision, at }: { readonly actor: Actor; readonly decision: Decision; readonly at: Date },
): Promise<void> {
  const { id } = row;
  checkReason(decision.reason);
  checkWaiting(row, decision.version);
  await checkOther(connection, row, actor);
  const reason = decision.reason === undefined ? undefined : sealer.sealReason(id, decision.reason);
  const told = { id, at, actor, version: decision.version, reason };
  if (!decision.approve) {
    await tell(connection, { ...told, kind: 'refuse' });
    await setState(connection, { id, proposed: row.proposed, at }, 'refused');
    return;
  }
  const scopes = checkedScopes(deps, row, decision.scopes ?? row.content.scopes);
  await tell(connection, { ...told, kind: 'approve', scopes: inForce(scopes) });
  await settled(connection, deps, row, scopes, at);
}
