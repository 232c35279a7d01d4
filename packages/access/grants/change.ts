import type { Connection } from '@safeguard/store';

const bump = {
  name: 'access.change.bump',
  text: `insert into access.change as c (tenant, n) values ($1, 1)
    on conflict (tenant) do update set n = c.n + 1 returning n`,
};

/**
 * The number of a change that rights depend on. It holds a row that every other change of the tenant waits for, until
 * the commit: take it as the last lock.
 */
export async function nextChange(connection: Connection, tenant: number): Promise<number> {
  const [row] = await connection.query<{ n: number }>(bump, [tenant]);
  return row?.n ?? 0;
}
