import { type Clock, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors, Provider } from 'oidc-provider';
import { sha256 } from '../../secrets.ts';
import { platform } from '../../tenants.ts';
import { asking } from '../asked.ts';
import { ownOf } from '../own.ts';
import type { Sealing } from '../sealed.ts';
import type { EndGrant } from './grants.ts';

/** Kinds that stand in `identity.oidc`. */
export type RecordKind =
  | 'AuthorizationCode'
  | 'RefreshToken'
  | 'Grant'
  | 'Interaction'
  | 'PushedAuthorizationRequest'
  | 'Session';

const upsert = {
  name: 'identity.oidc.upsert',
  text: `insert into identity.oidc
      (kind, hash, tenant, client, account, grant_id, session, key_id, sealed, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (kind, hash) do update set key_id = excluded.key_id, sealed = excluded.sealed,
      expires_at = excluded.expires_at, account = excluded.account
    where identity.oidc.tenant = excluded.tenant and identity.oidc.consumed_at is null`,
};

/** Good while its client, its account, its grant and its session are; whether it was used up is told beside it. */
const select = {
  name: 'identity.oidc.find',
  text: `select o.tenant, o.grant_id, o.key_id, o.sealed, o.consumed_at from identity.oidc o
    left join identity.client c on c.id = o.client
    left join identity.account a on a.id = o.account
    where o.kind = $1 and o.hash = $2
      and (o.client is null or c.state = 'approved')
      and (o.account is null or a.state = 'active')
      and (o.kind not in ('AuthorizationCode', 'RefreshToken') or exists (select from identity.oidc g
        where g.kind = 'Grant' and g.grant_id = o.grant_id and g.consumed_at is null))
      and (o.session is null or exists (select from identity.session s where s.id = o.session and s.ended_at is null))`,
};
const consume = {
  name: 'identity.oidc.consume',
  text: `update identity.oidc set consumed_at = $3 where kind = $1 and hash = $2 and consumed_at is null
    returning grant_id`,
};
const grantOf = {
  name: 'identity.oidc.grant-of',
  text: 'select grant_id from identity.oidc where kind = $1 and hash = $2',
};
const remove = { name: 'identity.oidc.remove', text: 'delete from identity.oidc where kind = $1 and hash = $2' };

type Row = { tenant: number; grant_id: string | null; key_id: number; sealed: Buffer; consumed_at: Date | null };

export interface RecordDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly sealing: Sealing;
  readonly endGrant: EndGrant;
  /** The tenant of a client. */
  readonly tenantOf: (client_id: string) => Promise<number | undefined>;
}

/** A tolerance for what a consumed code's own age would hide: its replay. */
const stillJudged_s = 60;

const clientIdOf = ({ clientId, params }: AdapterPayload): string | undefined =>
  clientId ?? (typeof params?.client_id === 'string' ? params.client_id : undefined);

export const uuid = (text: unknown): string | null => (typeof text === 'string' && isUuid(text) ? text : null);

/** What hangs on the sign-in session: all that was not given for the time after it. */
const sessionOf = ({ sessionUid, scope }: AdapterPayload): string | null =>
  scope?.split(' ').includes('offline_access') === true ? null : uuid(sessionUid);

/** Interactions keep the account, for whose sign-in they may wait, in their session alone. */
const accountOf = (kind: RecordKind, { accountId }: AdapterPayload): string | null =>
  kind === 'Interaction' ? null : uuid(accountId);

/** Which session an interaction began in is nothing to hold against it: a sign-in on the way opens another. */
const kept = (kind: RecordKind, payload: AdapterPayload): AdapterPayload => {
  if (kind !== 'Interaction' || payload.session === undefined) return payload;
  const { session, ...rest } = payload;
  return { ...rest, ...(session?.accountId === undefined ? {} : { session: { accountId: session.accountId } }) };
};

/** Who gives an access token back (RFC 7009 2.1) ends that one; the grant ends with its refresh token. */
export function isGivenBack(): boolean {
  const { route, entities } = Provider.ctx?.oidc ?? {};
  return route === 'revocation' && entities?.AccessToken !== undefined;
}

/** The grant of a token that came by exchange is another client's: it is shown as its own. */
function asOwn(id: string, payload: AdapterPayload): AdapterPayload {
  const exchanged = asking()?.exchanged;
  return exchanged?.grant_id === id ? { ...payload, clientId: exchanged.client_id } : payload;
}

const isOnce = (kind: RecordKind): kind is 'AuthorizationCode' | 'RefreshToken' =>
  kind === 'AuthorizationCode' || kind === 'RefreshToken';

const noted = (kind: RecordKind): void => {
  const asked = asking();
  if (asked !== undefined && isOnce(kind)) asked.replayed = kind;
};

/** A code or refresh token that was used before is shown to the library as what it is, whatever its age. */
function shown(kind: RecordKind, payload: AdapterPayload, consumed_at: Date | null): AdapterPayload {
  if (consumed_at === null) return payload;
  noted(kind);
  const consumed = Math.floor(consumed_at.getTime() / 1000);
  const now_s = Math.floor(Date.now() / 1000);
  return { ...payload, consumed, exp: Math.max(payload.exp ?? 0, isOnce(kind) ? now_s + stillJudged_s : 0) };
}

async function store(deps: RecordDeps, kind: RecordKind, id: string, payload: AdapterPayload, ttl_s: number) {
  const { segment, clock, sealing } = deps;
  const hash = sha256(id);
  const client = uuid(clientIdOf(payload));
  const known = ownOf(Provider.ctx?.oidc?.client)?.tenant;
  const tenant = kind === 'Session' ? 0 : (known ?? (client === null ? undefined : await deps.tenantOf(client)) ?? 0);
  const account = tenant === 0 ? null : accountOf(kind, payload);
  const { key_id, sealed } = await sealing.seal(tenant, account ?? undefined, kind, hash, { ...kept(kind, payload) });
  const now = clock.now();
  await segment.query(platform, upsert, [
    kind,
    hash,
    tenant,
    tenant === 0 ? null : client,
    account,
    kind === 'Grant' ? id : (payload.grantId ?? null),
    isOnce(kind) ? sessionOf(payload) : null,
    key_id,
    sealed,
    new Date(now),
    new Date(now + ttl_s * 1000),
  ]);
}

/** Of two that use one thing at once, one does; the other is a replay. */
async function useUp({ segment, clock, endGrant }: RecordDeps, kind: RecordKind, id: string): Promise<void> {
  const hash = sha256(id);
  const used = await segment.query(platform, consume, [kind, hash, new Date(clock.now())]);
  if (used.length > 0) return;
  noted(kind);
  const [row] = await segment.query<{ grant_id: string | null }>(platform, grantOf, [kind, hash]);
  if (isOnce(kind) && row?.grant_id) await endGrant(row.grant_id);
  throw kind === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri was already used')
    : new errors.InvalidGrant('grant request is invalid');
}

/**
 * Codes, refresh tokens, grants, interactions, pushed requests and sessions of oidc-provider. Found by the SHA-256 of
 * their id and by their kind; sealed under their tenant; used up once, whichever process asks.
 */
export function createRecords(deps: RecordDeps, kind: RecordKind): Adapter {
  const { segment, sealing, endGrant } = deps;
  const find = async (id: string): Promise<AdapterPayload | undefined> => {
    const hash = sha256(id);
    const [row] = await segment.query<Row>(platform, select, [kind, hash]);
    if (row === undefined || (kind === 'Grant' && row.consumed_at !== null)) return undefined;
    const payload = await sealing.open(row.tenant, kind, hash, row);
    if (payload === undefined) return undefined;
    return kind === 'Grant' ? asOwn(id, payload) : shown(kind, payload as AdapterPayload, row.consumed_at);
  };
  return {
    find,
    findByUid: find,
    findByUserCode: async () => undefined,
    upsert: (id, payload, expiresIn = 0) => store(deps, kind, id, payload, expiresIn),
    consume: (id) => useUp(deps, kind, id),
    async destroy(id) {
      if (kind === 'Grant') await endGrant(id);
      else await segment.query(platform, remove, [kind, sha256(id)]);
    },
    async revokeByGrantId(grantId) {
      if (!isGivenBack()) await endGrant(grantId);
    },
  };
}
