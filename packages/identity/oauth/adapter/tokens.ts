import { type Clock, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Adapter, AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { errors, Provider } from 'oidc-provider';
import { aliveToken, tokenTables } from '../../authenticate/alive.ts';
import type { Confirmation, KnownTokens } from '../../authenticate/known.ts';
import { isToken, sha256 } from '../../secrets.ts';
import { platform } from '../../tenants.ts';
import type { ScopeRules } from '../../types.ts';
import { asking } from '../asked.ts';
import { ownOf } from '../own.ts';
import type { Payload, Sealing } from '../sealed.ts';
import { acrOf } from '../smart/person.ts';
import type { Smart } from '../smart/types.ts';
import { isGivenBack, uuid } from './records.ts';

export type TokenKind = 'AccessToken' | 'ClientCredentials';

/**
 * The locks put this in line with a revocation or a rotation of the same moment: either it waits for the token and
 * ends it, or the token waits for it and is not made. A token of a person is looked up with its account, grant and
 * session: it needs no lock on them.
 */
const insertClient = {
  name: 'identity.token.insert-client',
  text: `insert into identity.token
      (hash, kind, client, tenant, scopes, issued_at, expires_at, confirmation, audience)
    select $1, 'ClientCredentials', c.id, c.tenant, $3, $4, $5, $6, $7 from identity.client c
    where c.id = $2 and c.state = 'approved' and ($8::uuid is null or exists (select from identity.client_secret s
      where s.id = $8 and s.client = c.id and (s.expires_at is null or s.expires_at > $4) for share))
    for share of c returning client`,
};
const insertUser = {
  name: 'identity.token.insert-user',
  text: `insert into identity.token (hash, kind, client, tenant, scopes, issued_at, expires_at, confirmation, audience,
      account, session, grant_id, patient, encounter, offline, act, level, methods, authenticated_at, key_id, sealed)
    select $1, 'AccessToken', c.id, c.tenant, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
      $18, $19
    from identity.client c where c.id = $2 and c.state = 'approved' for share of c returning client`,
};
const select = {
  name: 'identity.token.find',
  text: `select t.tenant, t.client, t.account, t.grant_id, t.session, t.scopes, t.confirmation, t.audience, t.act,
      t.issued_at, t.expires_at, t.key_id, t.sealed
    from ${tokenTables} where t.hash = $1 and t.kind = $2 and ${aliveToken}`,
};
const end = {
  name: 'identity.token.end',
  text: 'update identity.token set revoked_at = $2 where hash = $1 and revoked_at is null',
};

export interface TokenRow extends Record<string, unknown> {
  tenant: number;
  client: string;
  account: string | null;
  grant_id: string | null;
  session: string | null;
  scopes: string[];
  confirmation: Confirmation | null;
  audience: string | null;
  act: { client_id: string } | null;
  issued_at: Date;
  expires_at: Date;
  key_id: number | null;
  sealed: Buffer | null;
}

export interface TokenDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly sealing: Sealing;
  readonly scopes: ScopeRules;
  readonly known: KnownTokens;
  readonly smart: Pick<Smart, 'context'>;
}

/** What was shown of a person when they agreed, carried by the code and by every refresh token after it. */
export interface Shown {
  readonly scope?: string | undefined;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly authTime?: number | undefined;
}

const levelOf = (acr: string | undefined): 1 | 2 => (acr === acrOf(2) ? 2 : 1);

/** Token exchange sets these; what they say is carried over from the token that was exchanged. */
export interface Exchanged {
  readonly act: { readonly client_id: string };
  readonly offline: boolean;
  readonly shown: Shown;
}

const confirmationOf = (payload: AdapterPayload): Confirmation | null => {
  if (payload.jkt !== undefined) return { jkt: payload.jkt };
  const thumbprint = payload['x5t#S256'];
  return thumbprint === undefined ? null : { 'x5t#S256': thumbprint };
};

/** As `access` reads them. Names of OpenID Connect and of launches stay as they are. */
const scopesOf = (scope: string | undefined, rules: ScopeRules): string[] => [
  ...new Set(
    (scope ?? '')
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => (rules.isScope(word) ? rules.normalScope(word) : word)),
  ),
];

const timesOf = (clock: Clock, ttl_s: number) => [new Date(clock.now()), new Date(clock.now() + ttl_s * 1000)] as const;

const refused = () => new errors.InvalidGrant('grant request is invalid');

async function insertForClient(deps: TokenDeps, id: string, payload: AdapterPayload, ttl_s: number): Promise<void> {
  const { segment, clock, scopes } = deps;
  const made = await segment.query(platform, insertClient, [
    sha256(id),
    payload.clientId,
    scopesOf(payload.scope, scopes),
    ...timesOf(clock, ttl_s),
    confirmationOf(payload),
    payload.aud ?? null,
    asking()?.secret_id ?? null,
  ]);
  if (made.length === 0) throw refused();
}

const sourceOf = (koa: KoaContextWithOIDC | undefined): Shown | undefined =>
  koa?.oidc.entities.AuthorizationCode ?? koa?.oidc.entities.RefreshToken;

/** Beside the columns: what introspection and log-out tell of it. */
const restOf = ({ extra, sid, gty, scope, sessionUid, claims }: AdapterPayload): Payload => ({
  extra,
  sid,
  gty,
  scope,
  sessionUid,
  claims,
});

async function insertForUser(deps: TokenDeps, id: string, payload: AdapterPayload, ttl_s: number): Promise<void> {
  const { segment, clock, sealing, scopes, smart } = deps;
  const asked = asking();
  const koa = Provider.ctx;
  const tenant = ownOf(koa?.oidc.client)?.tenant;
  const { accountId, grantId } = payload;
  if (tenant === undefined || accountId === undefined || grantId === undefined) throw refused();
  const exchanged = asked?.given;
  const shown = exchanged?.shown ?? sourceOf(koa) ?? {};
  const offline = exchanged?.offline ?? shown.scope?.split(' ').includes('offline_access') ?? false;
  const hash = sha256(id);
  const context = await smart.context(tenant, grantId);
  const { key_id, sealed } = await sealing.seal(tenant, accountId, 'AccessToken', hash, restOf(payload));
  const made = await segment.query(platform, insertUser, [
    hash,
    payload.clientId,
    scopesOf(payload.scope, scopes),
    ...timesOf(clock, ttl_s),
    confirmationOf(payload),
    payload.aud ?? null,
    accountId,
    offline ? null : uuid(payload.sessionUid),
    grantId,
    context?.patient ?? null,
    context?.encounter ?? null,
    offline,
    exchanged?.act ?? null,
    levelOf(shown.acr),
    shown.amr ?? [],
    shown.authTime === undefined ? null : new Date(shown.authTime * 1000),
    key_id,
    sealed,
  ]);
  if (made.length === 0) throw refused();
}

/** Our time as the library's, which asks the machine: they differ where a test turns ours. */
const secondsOf = (clock: Clock, at: Date): number => Math.floor((at.getTime() - clock.now() + Date.now()) / 1000);

function payloadOf(clock: Clock, kind: TokenKind, id: string, row: TokenRow, rest: Payload): AdapterPayload {
  return {
    ...rest,
    kind,
    jti: id,
    clientId: row.client,
    scope: typeof rest.scope === 'string' ? rest.scope : row.scopes.join(' '),
    iat: secondsOf(clock, row.issued_at),
    exp: secondsOf(clock, row.expires_at),
    ...(row.audience === null ? {} : { aud: row.audience }),
    ...(row.account === null ? {} : { accountId: row.account }),
    ...(row.grant_id === null ? {} : { grantId: row.grant_id }),
    ...(row.confirmation ?? {}),
    ...(row.act === null ? {} : { extra: { ...(rest.extra as object), act: { sub: row.act.client_id } } }),
  };
}

/**
 * Access tokens, in the table where `authenticate` finds them. A token is looked up by its kind as well: one of a
 * person is none of a client.
 */
export function createTokenAdapter(deps: TokenDeps, kind: TokenKind, endGrant: (id: string) => Promise<void>): Adapter {
  const { segment, clock, sealing, known } = deps;
  return {
    async find(id) {
      if (!isToken(id)) return undefined;
      const hash = sha256(id);
      const [row] = await segment.query<TokenRow>(platform, select, [hash, kind]);
      if (row === undefined) return undefined;
      const { key_id, sealed } = row;
      const rest =
        key_id === null || sealed === null ? {} : await sealing.open(row.tenant, kind, hash, { key_id, sealed });
      if (rest === undefined) return undefined;
      noteExchanged(row);
      const payload = payloadOf(clock, kind, id, row, rest);
      // The userinfo endpoint is of this server too: a token for our data may ask who its person is.
      if (Provider.ctx?.oidc.route === 'userinfo') delete payload.aud;
      return payload;
    },
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    upsert: (id, payload, ttl_s = 0) =>
      kind === 'AccessToken' ? insertForUser(deps, id, payload, ttl_s) : insertForClient(deps, id, payload, ttl_s),
    consume: async () => undefined,
    async destroy(id) {
      const hash = sha256(id);
      await segment.query(platform, end, [hash, new Date(clock.now())]);
      known.forgetToken(hash);
    },
    async revokeByGrantId(grantId) {
      if (!isGivenBack()) await endGrant(grantId);
    },
  };
}

function noteExchanged({ act, grant_id, client }: TokenRow): void {
  const asked = asking();
  if (act === null || grant_id === null || asked === undefined || !isUuid(client)) return;
  asked.exchanged = { grant_id, client_id: client };
}
