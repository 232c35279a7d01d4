import { fault, isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';

/** Holds the account against its end: nothing is enrolled for one that was terminated a moment before. */
const hold = {
  name: 'identity.account.hold',
  text: `select id from identity.account where id = $1 and tenant = $2 and state <> 'terminated' for update`,
};

/** As the platform. Fault `missing`. */
export async function holdAccount(connection: Connection, tenant: number, account: string): Promise<void> {
  const held = isUuid(account) ? await connection.query(hold, [account, tenant]) : [];
  if (held.length === 0) throw fault('missing', 'The account does not exist.');
}
