import type { Connection } from '@safeguard/store';
import { endTokens } from '../clients/revoke.ts';
import { setState } from './change.ts';
import { tell } from './events.ts';
import type { ApplicationRow, Sealer } from './rows.ts';
import type { Actor } from './types.ts';

const endClient = {
  name: 'identity.application.end-client',
  text: `update identity.client set revoked_at = coalesce(revoked_at, $2), state = 'revoked' where id = $1`,
};

/** The application, its client and the client's tokens in one transaction. The row is locked by then. */
export async function revokeLocked(
  sealer: Sealer,
  connection: Connection,
  row: ApplicationRow,
  { actor, reason, at }: { readonly actor: Actor; readonly reason: string | undefined; readonly at: Date },
): Promise<void> {
  const { id, proposed } = row;
  if (row.state === 'revoked') return;
  const why = reason === undefined ? undefined : sealer.sealReason(id, reason);
  await tell(connection, { id, at, kind: 'revoke', actor, version: proposed, reason: why });
  await connection.query(endClient, [id, at]);
  await connection.query(endTokens, [id, at]);
  await setState(connection, { id, proposed, at }, 'revoked');
}
