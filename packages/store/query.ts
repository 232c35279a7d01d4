import type pg from 'pg';
import { databaseFault, isUnfit } from './failure.ts';
import { tenantNumber } from './tenant.ts';
import type { Row, Statement } from './types.ts';

/** The tenant that a connection's `safeguard.tenant` stands at; undefined: not known, so it must be set before use. */
export const tenantOf = Symbol('tenant');
export type TenantClient = pg.PoolClient & { [tenantOf]?: number | undefined };

const setTenant: Statement = { name: 'safeguard.tenant', text: "select set_config('safeguard.tenant', $1, false)" };

/**
 * One statement on a connection whose tenant is `tenant`. Callbacks, not promises: this is the path of every read, and
 * is to cost what a bare pool's own `query` costs.
 */
export function query<R extends Row>(
  pool: pg.Pool,
  tenant: number,
  statement: Statement,
  values?: readonly unknown[],
): Promise<R[]> {
  return new Promise((resolve, reject) => {
    tenantNumber(tenant);
    pool.connect((error, checkedOut, release) => {
      if (error !== undefined || checkedOut === undefined) {
        reject(databaseFault(error));
        return;
      }
      const client: TenantClient = checkedOut;
      if (client[tenantOf] === tenant) {
        ask(client, release, statement, values, resolve, reject);
        return;
      }
      // Awaited, never pipelined with the statement: if this failed, the statement would see another tenant's rows.
      client[tenantOf] = undefined;
      void client.query(bind(setTenant, [String(tenant)]), (failure: Error | null) => {
        if (failure) {
          release(isUnfit(failure));
          reject(databaseFault(failure));
          return;
        }
        client[tenantOf] = tenant;
        ask(client, release, statement, values, resolve, reject);
      });
    });
  });
}

function ask<R extends Row>(
  client: TenantClient,
  release: (broken?: boolean) => void,
  statement: Statement,
  values: readonly unknown[] | undefined,
  resolve: (rows: R[]) => void,
  reject: (fault: Error) => void,
): void {
  void client.query(bind(statement, values), (failure: Error | null, result: pg.QueryResult<R>) => {
    if (failure) {
      release(isUnfit(failure));
      reject(databaseFault(failure, true));
      return;
    }
    release();
    resolve(result.rows);
  });
}

/** A statement with its values, as `pg` wants it. `pg` does not change the array. */
export const bind = (statement: Statement, values: readonly unknown[] = []): pg.QueryConfig => ({
  name: statement.name,
  text: statement.text,
  values: values as unknown[],
});
