import { fault } from '@safeguard/kernel';
import pg from 'pg';
import type { Login } from './endpoint.ts';
import { sqlStateOf } from './failure.ts';

const patience_ms = 10_000;

/** Connects outside of any pool, for the owner's work at start. @throws Fault `unavailable` that names the role */
export async function connect(login: Login): Promise<pg.Client> {
  const client = new pg.Client({ ...login, connectionTimeoutMillis: patience_ms, application_name: 'safeguard' });
  // A lost connection fails the statement under way, which reports it; the event alone would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    const told = error instanceof Error ? error.message : 'no reason given';
    throw fault('unavailable', `Cannot log in to database ${login.database} as ${login.user}: ${told}`, {
      cause: error,
    });
  }
}

/** SQLSTATEs of a wrong password or a login that is not accepted. */
const refusals = new Set(['28P01', '28000']);

/** True when the server takes the login, false when it refuses the password. @throws Fault `unavailable` otherwise */
export async function canLogIn(login: Login): Promise<boolean> {
  try {
    const client = await connect(login);
    await client.end();
    return true;
  } catch (error) {
    const sqlState = error instanceof Error ? sqlStateOf(error.cause) : undefined;
    if (sqlState !== undefined && refusals.has(sqlState)) return false;
    throw error;
  }
}

/** The same of somebody who must not get in: a role without the right to connect (42501) is turned away as well. */
export async function isLetIn(login: Login): Promise<boolean> {
  try {
    return await canLogIn(login);
  } catch (error) {
    if (error instanceof Error && sqlStateOf(error.cause) === '42501') return false;
    throw error;
  }
}
