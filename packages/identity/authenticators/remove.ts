import { fault, isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { holdAccount } from './hold.ts';

const dropPassword = {
  name: 'identity.password.drop',
  text: 'delete from identity.password where account = $1 and tenant = $2',
};
const dropFactors = {
  name: 'identity.factor.drop-all',
  text: 'delete from identity.factor where account = $1 and tenant = $2',
};
export const dropCodes = {
  name: 'identity.recovery_code.drop-all',
  text: 'delete from identity.recovery_code where account = $1 and tenant = $2',
};
const dropSet = {
  name: 'identity.recovery_code.drop-set',
  text: 'delete from identity.recovery_code where account = $1 and tenant = $2 and set_id = $3 returning set_id',
};
const dropFactor = {
  name: 'identity.factor.drop',
  text: 'delete from identity.factor where account = $1 and tenant = $2 and id = $3',
};
const live = {
  name: 'identity.factor.live-ids',
  text: `select id from identity.factor
    where account = $1 and tenant = $2 and confirmed_at is not null and ended_at is null`,
};

/** Password, factors and codes of an account, all gone. In the transaction of the caller. */
export async function dropAll(connection: Connection, tenant: number, account: string): Promise<void> {
  for (const statement of [dropPassword, dropFactors, dropCodes]) await connection.query(statement, [account, tenant]);
}

/** Fault `missing`; `conflict` for the last second factor. As the platform, which holds the account meanwhile. */
export async function removeFactor(
  connection: Connection,
  tenant: number,
  account: string,
  factor: string,
): Promise<void> {
  await holdAccount(connection, tenant, account);
  const seconds = await connection.query<{ id: string }>(live, [account, tenant]);
  if (seconds.some(({ id }) => id === factor)) {
    if (seconds.length === 1) throw fault('conflict', 'The last second factor must stay: add another one first.');
    await connection.query(dropFactor, [account, tenant, factor]);
    return;
  }
  const codes = isUuid(factor) ? await connection.query(dropSet, [account, tenant, factor]) : [];
  if (codes.length === 0) throw fault('missing', 'The account has no such factor.');
}
