/**
 * What makes a token `t` of client `c` (and, of a person, account `a`) good beside its expiry. Every ending is in here,
 * so that it holds wherever a token is looked at: the token's own, its client's, its account's, its grant's, its
 * session's.
 */
export const aliveToken = `t.revoked_at is null and c.revoked_at is null and c.state = 'approved'
  and (t.account is null or (a.state = 'active'
    and exists (select from identity.oidc g
      where g.kind = 'Grant' and g.grant_id = t.grant_id and g.consumed_at is null)
    and (t.session is null or exists (select from identity.session s
      where s.id = t.session and s.ended_at is null))))`;

export const tokenTables = `identity.token t join identity.client c on c.id = t.client
  left join identity.account a on a.id = t.account`;
