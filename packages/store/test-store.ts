import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble, type PoolSizes, type Store } from './assemble.ts';
import { connect } from './connect.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts';
import type { Login } from './endpoint.ts';
import { prepare } from './prepare.ts';
import { markOf, processesOf, signal } from './processes.ts';
import { databaseOf, runtimeRoles } from './roles.ts';
import { keepPasswords, type Passwords } from './secrets.ts';
import type { MigrationSet, SegmentName } from './types.ts';

/** A store for tests, with doors that no product code has. */
export interface TestStore extends Store {
  /** The PostgreSQL below; all test stores of this process share it. */
  readonly embedded: Embedded;
  readonly passwords: Passwords;
  /** The superuser's login to a segment's database. */
  login(segment: SegmentName): Login;
  /** Runs SQL in a segment's database as the superuser, past row-level security: to look, and to break things. */
  sql(segment: SegmentName, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

let shared: Promise<Embedded> | undefined;
let count = 0;

/**
 * For tests only: fresh databases with the given migrations, in a PostgreSQL that the stores of this process share. It
 * stands in a temporary directory, without fsync, and goes away with the process, however that ends.
 */
export async function testStore(migrations: readonly MigrationSet[], pools: PoolSizes = {}): Promise<TestStore> {
  shared ??= startShared();
  const embedded = await shared;
  count++;
  const prefix = `t${count}_`;
  const { login: owner, secrets } = embedded;
  const owners = { identity: owner, clinical: owner, ledger: owner };
  const passwords = keepPasswords(
    secrets,
    runtimeRoles.map(({ name }) => name),
  );
  await prepare({ owners, prefix, passwords, ours: true, migrations });
  const log = (): void => undefined;
  const store = assemble({ owners, passwords, prefix, pools, log, embedded, borrowsServer: true });
  const login = (segment: SegmentName): Login => ({ ...owner, database: databaseOf(prefix, segment) });
  return { ...store, embedded, passwords, login, sql: (segment, text, values) => runSql(login(segment), text, values) };
}

async function runSql(login: Login, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = await connect(login);
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** For tests only: an embedded PostgreSQL in a temporary directory, gone when this process ends. */
export async function startTemporary(options: Partial<EmbeddedOptions> = {}): Promise<Embedded> {
  const data = options.data ?? mkdtempSync(join(realpathSync(tmpdir()), 'safeguard-test-'));
  const log = (): void => undefined;
  const embedded = await startEmbedded({ log, connections: 200, litter: true, ...options, data });
  // Synchronous, because nothing else runs at exit. The guardian does the same should the process be killed.
  const mark = markOf(embedded.cluster);
  process.once('exit', () => {
    for (const pid of processesOf(mark)) signal(pid, 'SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });
  return embedded;
}

function startShared(): Promise<Embedded> {
  return startTemporary({ settings: { fsync: 'off', full_page_writes: 'off', shared_buffers: '64MB' } });
}
