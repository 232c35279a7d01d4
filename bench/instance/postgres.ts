import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Where the embedded cluster of an instance lets its superuser in. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export async function loginOf(data: string): Promise<Login> {
  const secrets = JSON.parse(await readFile(join(data, 'secrets', 'postgres.json'), 'utf8')) as Record<string, string>;
  const user = 'safeguard_admin';
  return { host: join(data, 'postgres', 'data'), port: 5432, user, password: secrets[user] ?? '' };
}

/** The postmaster's process id: the first line of its pid file. */
export async function postmasterOf(data: string): Promise<number> {
  return Number((await readFile(join(data, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Runs statements one after the other in one database; gives the rows of the last. */
export async function run<R extends pg.QueryResultRow>(
  login: Login,
  database: string,
  ...statements: readonly string[]
): Promise<R[]> {
  const client = new pg.Client({ ...login, database });
  await client.connect();
  try {
    let rows: R[] = [];
    for (const text of statements) rows = (await client.query<R>(text)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

export async function versionOf(login: Login): Promise<string> {
  const [row] = await run<{ server_version: string }>(login, 'postgres', 'show server_version');
  return row?.server_version ?? 'unknown';
}
