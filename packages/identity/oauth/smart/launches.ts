import { randomBytes } from 'node:crypto';
import { type Clock, newId } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import { sha256 } from '../../secrets.ts';
import { type LaunchContext, openContext, type SealedContext, sealContext } from './sealed-context.ts';

/** How long a launch may wait for its app to ask for it. */
const launchLifetime_ms = 5 * 60_000;

const form = /^sge_[A-Za-z0-9_-]{43}$/;

const insert = {
  name: 'identity.launch.insert',
  text: `insert into identity.launch
      (id, hash, tenant, client, account, made_by, key_id, sealed, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};
const select = {
  name: 'identity.launch.find',
  text: `select id, account, key_id, sealed, expires_at, used_at from identity.launch
    where hash = $1 and tenant = $2 and client = $3`,
};
const use = {
  name: 'identity.launch.use',
  text: `update identity.launch set used_at = $3 where id = $1 and tenant = $2 and used_at is null returning id`,
};

interface LaunchRow extends SealedContext, Record<string, unknown> {
  readonly id: string;
  readonly account: string | null;
  readonly key_id: number;
  readonly sealed: Buffer;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

export interface NewLaunch {
  readonly tenant: number;
  /** The app it is for. */
  readonly client: string;
  /** The one account that may take it up; null: whoever may. */
  readonly account: string | null;
  /** The account or client that makes it. */
  readonly made_by: string;
  readonly context: LaunchContext;
}

export interface Launch {
  readonly id: string;
  readonly account: string | null;
  /** True while no grant was made of it. */
  readonly open: boolean;
  /** True when it waited longer than 5 minutes for its app. */
  readonly late: boolean;
  readonly context: LaunchContext;
}

export interface Launches {
  /** The secret for the `launch` parameter, shown once. */
  make(launch: NewLaunch): Promise<{ readonly secret: string; readonly expires_at: number }>;
  /** Of this tenant and client; undefined for any other text: foreign, unknown and malformed look the same. */
  find(tenant: number, client: string, secret: string): Promise<Launch | undefined>;
  /** Uses it up, once, inside the transaction that makes a grant of it: false when another one did. */
  use(connection: Connection, tenant: number, id: string, at: Date): Promise<boolean>;
}

interface Deps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
}

async function makeLaunch({ segment, vault, clock }: Deps, launch: NewLaunch) {
  const { tenant, client, account, made_by, context } = launch;
  const secret = `sge_${randomBytes(32).toString('base64url')}`;
  const id = newId();
  const { key_id, sealed } = await sealContext(await vault(tenant), context.patient ?? client, id, 'launch', context);
  const at = clock.now();
  const expires_at = at + launchLifetime_ms;
  const times = [new Date(at), new Date(expires_at)];
  await segment.query(tenant, insert, [id, sha256(secret), tenant, client, account, made_by, key_id, sealed, ...times]);
  return { secret, expires_at };
}

async function findLaunch({ segment, vault, clock }: Deps, tenant: number, client: string, secret: string) {
  if (!form.test(secret)) return undefined;
  const [row] = await segment.query<LaunchRow>(tenant, select, [sha256(secret), tenant, client]);
  if (row === undefined) return undefined;
  const context = await openContext(await vault(tenant), row.id, 'launch', row);
  if (context === undefined) return undefined;
  const late = row.expires_at.getTime() <= clock.now();
  return { id: row.id, account: row.account, open: row.used_at === null, late, context };
}

export const createLaunches = (deps: Deps): Launches => ({
  make: (launch) => makeLaunch(deps, launch),
  find: (tenant, client, secret) => findLaunch(deps, tenant, client, secret),
  use: async (connection, tenant, id, at) => (await connection.query(use, [id, tenant, at])).length === 1,
});
