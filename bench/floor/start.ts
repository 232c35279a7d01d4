import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Plan, Target } from '../generator/plan.ts';
import { keepWatch } from '../instance/leftovers.ts';
import type { Instance } from '../instance/open.ts';
import { type Login, run } from '../instance/postgres.ts';

export interface FloorOptions {
  readonly login: Login;
  readonly database: string;
  readonly pool: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** A floor server beside an instance: the same PostgreSQL cluster, a database of its own. */
export interface Floor {
  readonly target: Target;
  readonly watch: Plan['watch'];
  /** Keys that can be read, each a row of 1 KB. */
  readonly keys: readonly string[];
  stop(): Promise<void>;
}

const database = 'bench_floor';
const program = join(import.meta.dirname, 'server.ts');
const row_bytes = 1024;
const rows = 1000;
const page_rows = 20;

async function fill(login: Login): Promise<string[]> {
  await run(login, 'postgres', `create database ${database}`);
  const keys = Array.from({ length: rows }, () => randomUUID());
  const values = keys.map(
    (key, at) => `('${key}', ${Math.floor(at / page_rows)}, '\\x${randomBytes(row_bytes).toString('hex')}')`,
  );
  await run(
    login,
    database,
    'create table item (key uuid primary key, page int4 not null, body bytea not null)',
    'create table log (id bigint generated always as identity primary key, body bytea not null)',
    `insert into item values ${values.join(',')}`,
    'create index item_page on item (page)',
    'analyze item',
  );
  return keys;
}

/** Starts the floor of an instance: its process, its pool of 10, the instance's own certificate when TLS is on. */
export async function startFloor({ data, login, target, watch }: Instance): Promise<Floor> {
  const keys = await fill(login);
  const { ca } = target;
  const tls = ca === null ? undefined : { cert: join(data, 'tls', 'server.pem'), key: join(data, 'tls', 'server.key') };
  const child = fork(program);
  keepWatch(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const options: FloorOptions = { login, database, pool: 10, tls };
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`the floor server ended with ${code}`)));
    child.send(options);
  });
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
  };
  return { target: { host: '127.0.0.1', port, ca }, watch: { ...watch, server: child.pid ?? 0 }, keys, stop };
}
