import type { Connection } from '@safeguard/store';
import { sha256 } from '../secrets.ts';
import { isDeviceSecret, newDeviceSecret } from '../sessions/secrets.ts';
import { platform } from '../tenants.ts';
import type { SignInWork } from './deps.ts';

const nobody = '00000000-0000-0000-0000-000000000000';
/** Of one account; the one unused for longest makes room. */
const mostDevices = 20;

const select = {
  name: 'identity.device.find',
  text: 'select 1 as known from identity.device where hash = $1 and tenant = $2 and account = $3',
};
const selectAny = {
  name: 'identity.device.of_tenant',
  text: 'select 1 as known from identity.device where hash = $1 and tenant = $2 limit 1',
};
const insert = {
  name: 'identity.device.insert',
  text: `insert into identity.device (hash, tenant, account, created_at, last_used_at) values ($1, $2, $3, $4, $4)
    on conflict (hash, account) do update set last_used_at = excluded.last_used_at`,
};
const removeOldest = {
  name: 'identity.device.make_room',
  text: `delete from identity.device where account = $1 and hash in (select hash from identity.device
    where account = $1 order by last_used_at desc, hash offset ${mostDevices})`,
};
const removeAll = {
  name: 'identity.device.remove_all',
  text: 'delete from identity.device where tenant = $1 and account = $2',
};

/**
 * The name of a device in which this account signed in with all its factors; undefined for any other. The same query
 * whether or not there is such an account.
 */
export async function knownDevice(
  { segment }: SignInWork,
  of: { readonly tenant: number; readonly account: string | undefined },
  device: string | undefined,
): Promise<string | undefined> {
  if (device === undefined || !isDeviceSecret(device)) return undefined;
  const hash = sha256(device);
  const found = await segment.query(platform, select, [hash, of.tenant, of.account ?? nobody]);
  return found.length > 0 ? hash.toString('base64url') : undefined;
}

/**
 * Remembers the browser for this account. A ward's shared browser keeps its one secret for all who use it; a secret
 * that is not one of ours is never taken over.
 */
export async function rememberDevice(
  { clock }: SignInWork,
  connection: Connection,
  { tenant, account }: { readonly tenant: number; readonly account: string },
  brought: string | undefined,
): Promise<string> {
  const isOurs =
    brought !== undefined &&
    isDeviceSecret(brought) &&
    (await connection.query(selectAny, [sha256(brought), tenant])).length > 0;
  const secret = isOurs ? brought : newDeviceSecret();
  await connection.query(insert, [sha256(secret), tenant, account, new Date(clock.now())]);
  await connection.query(removeOldest, [account]);
  return secret;
}

/** Of a recovery: whoever has one of the old devices is a stranger again. */
export async function forgetDevices(connection: Connection, tenant: number, account: string): Promise<void> {
  await connection.query(removeAll, [tenant, account]);
}
