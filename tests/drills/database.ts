import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Logs in past the server, as the cluster's superuser: to break things, and to see what the server does not show. */
export async function withDatabase<T>(
  data: string,
  database: 'postgres' | 'identity' | 'clinical' | 'ledger',
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const passwords = JSON.parse(await readFile(join(data, 'secrets', 'postgres.json'), 'utf8'));
  const user = 'safeguard_admin';
  const client = new pg.Client({
    host: join(data, 'postgres', 'data'),
    port: 5432,
    user,
    password: passwords[user],
    database,
    types: { getTypeParser: (oid: number) => parsers.get(oid) ?? pg.types.getTypeParser(oid) },
  });
  // A connection that breaks is told by the statement that it broke.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const int8 = 20;
const parsers = new Map<number, (text: string) => unknown>([[int8, Number]]);

/** The postmaster of a data directory, as it wrote itself down. */
export const postmasterOf = (data: string): number =>
  Number(readFileSync(join(data, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);

/** The processes that a postmaster started: backends, and the writers of its log and its WAL. */
export function childrenOf(postmaster: number): { pid: number; title: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const title = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      return parent === postmaster ? [{ pid: Number(name), title }] : [];
    } catch (error) {
      // It ended while it was looked at.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  });
}
