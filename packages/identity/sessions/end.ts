import { isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import { type EndedRow, endedOf, type SessionDeps } from './deps.ts';
import type { EndedSession, EndReason } from './types.ts';

const endOne = {
  name: 'identity.session.end',
  text: `update identity.session set ended_at = $4, reason = $5
    where id = $1 and tenant = $2 and account = $3 and ended_at is null returning id, tenant, account`,
};
const endMany = {
  name: 'identity.session.end_all',
  text: `update identity.session set ended_at = $4, reason = $5
    where tenant = $1 and account = $2 and id is distinct from $3::uuid and ended_at is null
    returning id, tenant, account`,
};
/** What the apps of the session that stays hold stays with it; all others end, also those that outlive sessions. */
const endTokens = {
  name: 'identity.token.end_account',
  text: `update identity.token set revoked_at = $4
    where tenant = $1 and account = $2 and revoked_at is null
      and ($3::uuid is null or session is distinct from $3::uuid)`,
};
const endGrants = {
  name: 'identity.oidc.end_account',
  text: `delete from identity.oidc
    where tenant = $1 and account = $2 and ($3::uuid is null or session is distinct from $3::uuid)`,
};

interface Whose {
  readonly tenant: number;
  readonly account: string;
}

export async function endSession(
  { segment, clock }: SessionDeps,
  { tenant, account }: Whose,
  session: string,
  reason: EndReason,
): Promise<EndedSession[]> {
  if (!isUuid(session) || !isUuid(account)) return [];
  const values = [session, tenant, account, new Date(clock.now()), reason];
  return (await segment.query<EndedRow>(platform, endOne, values)).map(endedOf(reason));
}

/** Sessions, access tokens, and what codes and refresh tokens hang on; the rows are locked in this order everywhere. */
export async function endAllOf(
  { clock }: SessionDeps,
  connection: Connection,
  { tenant, account, reason = 'ended by the service' }: Whose & { readonly reason?: EndReason },
  except?: string,
): Promise<EndedSession[]> {
  const at = new Date(clock.now());
  const ended = await connection.query<EndedRow>(endMany, [tenant, account, except ?? null, at, reason]);
  await connection.query(endTokens, [tenant, account, except ?? null, at]);
  await connection.query(endGrants, [tenant, account, except ?? null]);
  return ended.map(endedOf(reason));
}
