import type { Connection } from '@safeguard/store';

const endSessions = {
  name: 'identity.session.end-of-account',
  text: `update identity.session set ended_at = $3, reason = 'ended by the service'
    where account = $1 and tenant = $2 and ended_at is null`,
};
const endTokens = {
  name: 'identity.token.end-of-account',
  text: `update identity.token set revoked_at = $3 where account = $1 and tenant = $2 and revoked_at is null`,
};
/** Codes, grants, refresh tokens, requests under way: nothing is made from them any more. */
const endGrants = {
  name: 'identity.oidc.end-of-account',
  text: 'delete from identity.oidc where account = $1 and tenant = $2',
};

/**
 * Ends every session and token of an account, as the platform. Who makes a session or a token holds the account's row
 * (`for share`) while it does, or joins its state when it looks: so none slips through between.
 */
export async function endAccess(connection: Connection, tenant: number, account: string, at: Date): Promise<void> {
  await connection.query(endSessions, [account, tenant, at]);
  await connection.query(endTokens, [account, tenant, at]);
  await connection.query(endGrants, [account, tenant]);
}
