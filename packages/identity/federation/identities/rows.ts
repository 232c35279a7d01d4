import { type Clock, isUuid, newId } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import { platform } from '../../tenants.ts';

const statements = {
  find: {
    name: 'identity.federation_identity.find',
    text: `select id, account, key_id, sealed from identity.federation_identity
      where provider = $1 and subject_token = $2`,
  },
  insert: {
    name: 'identity.federation_identity.insert',
    text: `insert into identity.federation_identity
        (id, provider, tenant, subject_token, account, key_id, sealed, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
  },
  list: {
    name: 'identity.federation_identity.list',
    text: `select provider, created_at from identity.federation_identity
      where tenant = $1 and account = $2 order by created_at, id`,
  },
  hold: {
    name: 'identity.federation_identity.hold',
    text: 'select id from identity.federation_provider where tenant = $1 and id = $2 for update',
  },
  remove: {
    name: 'identity.federation_identity.remove',
    text: `delete from identity.federation_identity where tenant = $1 and provider = $2 and account = $3
      returning id`,
  },
};

/** A provider's subject, as this tenant's blind token of it. */
interface Place {
  readonly tenant: number;
  readonly provider: string;
  readonly subject: string;
}

interface Of {
  readonly tenant: number;
  readonly provider: string;
  readonly account: string;
}

export interface IdentityRow {
  readonly id: string;
  readonly values: readonly unknown[];
}

/** Who a provider's subject is here. The key is provider and subject: an address is never asked. */
export interface IdentityRows {
  /** The account that is linked; undefined: none, or its key was destroyed. */
  find(place: Place): Promise<string | undefined>;
  /** A link, sealed, to be written by `insert`. */
  prepare(place: Place, account: string): Promise<IdentityRow>;
  /** False when the subject, or the account at this provider, has a link. */
  insert(connection: Pick<Connection, 'query'>, row: IdentityRow): Promise<boolean>;
  list(tenant: number, account: string): Promise<{ provider: string; created_at: number }[]>;
  /**
   * In the caller's transaction, as the platform: the provider is locked first, against a sign-in that is just being
   * finished. False when there is none.
   */
  remove(connection: Connection, of: Of): Promise<boolean>;
}

interface Found extends Record<string, unknown> {
  id: string;
  account: string;
  key_id: number;
  sealed: Buffer;
}

const token = (vault: Vault, { provider, subject }: Place): string =>
  vault.token('federation-subject', `${provider} ${subject}`).toString();

const binding = (id: string) => ({ resource: id, version: 0, purpose: 'federation-subject' });

/** Blind tokens have 64 bits: the subject itself decides. */
async function same(vault: Vault, row: Found, subject: string): Promise<boolean> {
  const key = (await vault.keysById([row.key_id])).get(row.key_id);
  return key !== undefined && vault.open(key, binding(row.id), row.sealed).equals(Buffer.from(subject));
}

interface RowDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
}

export function createIdentityRows({ segment, vault, clock }: RowDeps): IdentityRows {
  const insert: IdentityRows['insert'] = async (connection, { values }) =>
    (await connection.query(statements.insert, values)).length > 0;
  return {
    async find(place) {
      const keys = await vault(place.tenant);
      const [row] = await segment.query<Found>(platform, statements.find, [place.provider, token(keys, place)]);
      return row !== undefined && (await same(keys, row, place.subject)) ? row.account : undefined;
    },
    async prepare(place, account) {
      const keys = await vault(place.tenant);
      const key = (await keys.keysFor([account])).get(account);
      if (key === undefined) throw new Error('the key of an account is gone');
      const id = newId();
      const sealed = keys.seal(key, binding(id), Buffer.from(place.subject));
      const { provider, tenant } = place;
      const values = [id, provider, tenant, token(keys, place), account, key.id, sealed, new Date(clock.now())];
      return { id, values };
    },
    insert,
    async list(tenant, account) {
      if (!isUuid(account)) return [];
      const rows = await segment.query<{ provider: string; created_at: Date }>(platform, statements.list, [
        tenant,
        account,
      ]);
      return rows.map(({ provider, created_at }) => ({ provider, created_at: created_at.getTime() }));
    },
    async remove(connection, { tenant, provider, account }) {
      if (!isUuid(account) || !isUuid(provider)) return false;
      await connection.query(statements.hold, [tenant, provider]);
      return (await connection.query(statements.remove, [tenant, provider, account])).length > 0;
    },
  };
}
