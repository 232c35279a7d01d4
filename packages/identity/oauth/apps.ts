import { type Clock, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { GrantedApp, GrantedApps } from '../pages/ports.ts';
import { sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { EndGrant } from './adapter/grants.ts';
import type { Sealed, Sealing } from './sealed.ts';
import type { Smart } from './smart/types.ts';

/** Grants from which something can still come: a token that is good, a refresh token that was not used. */
const select = {
  name: 'identity.oidc.apps',
  text: `select g.grant_id, g.client, g.key_id, g.sealed, g.created_at, c.name
    from identity.oidc g join identity.client c on c.id = g.client
    where g.kind = 'Grant' and g.account = $2 and g.tenant = $1 and g.consumed_at is null and c.state = 'approved'
      and (exists (select from identity.token t where t.grant_id = g.grant_id and t.revoked_at is null
          and t.expires_at > $3)
        or exists (select from identity.oidc r where r.kind = 'RefreshToken' and r.grant_id = g.grant_id
          and r.consumed_at is null and r.expires_at > $3 and (r.session is null
            or exists (select from identity.session s where s.id = r.session and s.ended_at is null))))
    order by g.created_at desc limit 200`,
};
const sameApp = {
  name: 'identity.oidc.same-app',
  text: `select o.grant_id, o.client from identity.oidc o where o.kind = 'Grant' and o.account = $2 and o.tenant = $1
    and o.consumed_at is null and o.client = (select client from identity.oidc
      where kind = 'Grant' and grant_id = $3 and account = $2 and tenant = $1 limit 1)`,
};
const every = {
  name: 'identity.oidc.grants-of',
  text: `select grant_id from identity.oidc where kind = 'Grant' and account = $2 and tenant = $1
    and consumed_at is null`,
};

type Row = { grant_id: string; client: string; name: string; created_at: Date } & Sealed;
type Grants = { grant_id: string };

export interface AppDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly sealing: Sealing;
  readonly endGrant: EndGrant;
  readonly smart: Pick<Smart, 'endApp'>;
}

async function scopesOf({ sealing }: AppDeps, tenant: number, row: Row): Promise<readonly string[]> {
  const payload = await sealing.open(tenant, 'Grant', sha256(row.grant_id), row);
  const { scope } = (payload?.openid ?? {}) as { scope?: string };
  return scope?.split(' ') ?? [];
}

export interface Apps extends GrantedApps {
  endAll(tenant: number, account: string): Promise<number>;
}

/** Apps that a person let in: one line an app, named by its newest grant; ending it ends all that the app was given. */
export function createApps(deps: AppDeps): Apps {
  const { segment, clock, endGrant } = deps;
  const endThese = async (rows: readonly Grants[]): Promise<number> => {
    for (const { grant_id } of rows) await endGrant(grant_id);
    return rows.length;
  };
  return {
    async list(tenant, account) {
      if (!isUuid(account)) return [];
      const rows = await segment.query<Row>(platform, select, [tenant, account, new Date(clock.now())]);
      const apps = new Map<string, GrantedApp>();
      for (const row of rows) {
        const before = apps.get(row.client);
        const scopes = new Set([...(before?.scopes ?? []), ...(await scopesOf(deps, tenant, row))]);
        const { grant_id, client, name, created_at } = row;
        const first = before ?? { grant: grant_id, client_id: client, name };
        apps.set(client, { ...first, scopes: [...scopes], since: created_at.getTime() });
      }
      return [...apps.values()];
    },
    async end(tenant, account, grant) {
      if (!isUuid(account)) return false;
      const rows = await segment.query<Grants & { client: string }>(platform, sameApp, [tenant, account, grant]);
      const [first] = rows;
      if (first === undefined) return false;
      await endThese(rows);
      // What they agreed to goes as well: the app has to ask again.
      await deps.smart.endApp(tenant, account, first.client);
      return true;
    },
    async endAll(tenant, account) {
      if (!isUuid(account)) return 0;
      return endThese(await segment.query<Grants>(platform, every, [tenant, account]));
    },
  };
}
