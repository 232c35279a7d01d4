import { fault } from '@safeguard/kernel';
import { newToken, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { IssuedToken, RegistryDeps, ScopeRules } from '../types.ts';
import { type ProvenClient, refusedClient } from '../verify-client.ts';

/**
 * The locks put this in line with a revocation or a rotation of the same moment: either it waits for the token and
 * ends it, or the token waits for it and is not made.
 */
const insert = {
  name: 'identity.token.insert',
  text: `insert into identity.token (hash, client, tenant, scopes, issued_at, expires_at)
    select $3, c.id, c.tenant, $4, $5, $6
    from identity.client c join identity.client_secret s on s.client = c.id
    where c.id = $1 and s.id = $2 and c.state = 'approved' and (s.expires_at is null or s.expires_at > $5)
    for share of c, s
    returning client`,
};

const mostAsked = 200;

const badScope = (text: string) =>
  fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid_scope', text }] });

/** The scopes to grant: all of the client's, or those asked for, each of which must lie within them. */
export function grantedScopes(asked: string | undefined, granted: readonly string[], rules: ScopeRules): string[] {
  if (asked === undefined || asked === '') return [...granted];
  const wanted = asked.split(' ').filter((word) => word !== '');
  if (wanted.length === 0 || wanted.length > mostAsked) {
    throw badScope(`Between 1 and ${mostAsked} scopes may be asked for, with single blanks between them.`);
  }
  if (!wanted.every((scope) => rules.isScope(scope))) {
    throw badScope('A scope is not one that this server serves; expected system/<Type or *>.<letters of cruds>.');
  }
  const normal = [...new Set(wanted.map((scope) => rules.normalScope(scope)))];
  if (!normal.every((scope) => rules.narrows(scope, granted))) {
    throw badScope('A scope goes beyond what the client was granted.');
  }
  return normal;
}

/** Makes a token for a client that proved itself. Only its hash is stored; the token itself is in the answer alone. */
export async function issueToken(deps: RegistryDeps, client: ProvenClient, scope?: string): Promise<IssuedToken> {
  const scopes = grantedScopes(scope, client.scopes, deps.scopes);
  const access_token = newToken();
  const now = deps.clock.now();
  const expires_in_s = deps.settings.token_lifetime_s;
  const times = [new Date(now), new Date(now + expires_in_s * 1000)];
  const values = [client.client_id, client.secret_id, sha256(access_token), scopes, ...times];
  const made = await deps.segment.query(platform, insert, values);
  if (made.length === 0) throw refusedClient();
  return { access_token, expires_in_s, scopes, client_id: client.client_id };
}
