import { fault, isFault } from '@safeguard/kernel';
import type pg from 'pg';
import { databaseFault, isConnectionLost, isReadOnly } from './failure.ts';
import { bind, type TenantClient, tenantOf } from './query.ts';
import { tenantNumber } from './tenant.ts';
import type { Connection, Row, Statement } from './types.ts';

/**
 * Runs `work` in one transaction on one connection: committed when it resolves, rolled back when it throws. The
 * connection always goes back, or is discarded when its state is not sure.
 * @throws what `work` threw; or a Fault, of which `isCommitUnknown` tells whether the commit may have happened
 */
export async function transaction<T>(
  pool: pg.Pool,
  tenant: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const checked = tenantNumber(tenant);
  const client = await checkOut(pool);
  let open = true;
  const connection: Connection = {
    query<R extends Row>(statement: Statement, values?: readonly unknown[]): Promise<R[]> {
      // Late statements would run outside of the transaction, and on whoever's behalf the connection is by then.
      if (!open) throw fault('internal', 'A statement came after the end of its transaction.');
      return ask<R>(client, statement, values);
    },
  };
  let fit = false;
  try {
    await begin(client, checked);
    const result = await work(connection);
    open = false;
    await commit(client);
    fit = true;
    return result;
  } catch (error) {
    open = false;
    fit = (await rollback(client)) && !(isFault(error) && isReadOnly(error.cause));
    throw error;
  } finally {
    client.release(!fit);
  }
}

async function checkOut(pool: pg.Pool): Promise<TenantClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw databaseFault(error);
  }
}

async function begin(client: TenantClient, tenant: number): Promise<void> {
  try {
    if (client[tenantOf] === tenant) {
      await client.query('begin');
      return;
    }
    client[tenantOf] = undefined;
    await client.query(`begin; select set_config('safeguard.tenant', '${tenant}', false)`);
    client[tenantOf] = tenant;
  } catch (error) {
    throw databaseFault(error);
  }
}

async function ask<R extends Row>(client: TenantClient, statement: Statement, values?: readonly unknown[]) {
  try {
    return (await client.query<R>(bind(statement, values))).rows;
  } catch (error) {
    throw databaseFault(error);
  }
}

async function commit(client: TenantClient): Promise<void> {
  let command: string;
  try {
    command = (await client.query('commit')).command;
  } catch (error) {
    throw databaseFault(error, true);
  }
  // PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement had failed and `work` went on regardless.
  if (command !== 'COMMIT') throw fault('internal', 'The transaction had failed and was rolled back.');
}

/** Rolls back, unless the commit's failure has done so. True when the connection may be used again. */
async function rollback(client: TenantClient): Promise<boolean> {
  // A rollback also takes back a tenant that was set inside the transaction.
  client[tenantOf] = undefined;
  try {
    await client.query('rollback');
    return true;
  } catch (error) {
    // Nothing to add to the error that brought us here; the connection is discarded, which rolls back too.
    return !isConnectionLost(error);
  }
}
