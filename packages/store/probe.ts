import pg from 'pg';
import type { Login } from './endpoint.ts';

const patience_ms = 5_000;
/** SQLSTATE cannot_connect_now: starting, recovering or stopping. */
const notYet = '57P03';

/** True once the server takes this login. False while it is not there yet; other refusals are thrown. */
export async function probe(login: Login): Promise<boolean> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: patience_ms });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      error.code !== notYet &&
      /^[0-9A-Z]{5}$/.test(String(error.code))
    ) {
      throw error;
    }
    return false;
  }
}
