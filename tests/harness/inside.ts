import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestEvent } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { createLedger, ed25519Signer, type Ledger } from '@safeguard/ledger';
import { createSeal, fileProvider, type Seal } from '@safeguard/seal';
import type { Connection, Row, Segment, SegmentName, Statement } from '@safeguard/store';
import pg from 'pg';

const superuser = 'safeguard_admin';
const int8 = 20;
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
} as unknown as pg.CustomTypesConfig;

/** An embedded instance's databases, seen by whoever holds them: past the server, past row-level security. */
export interface Databases {
  sql(segment: string, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** A connection of one of the runtime roles, to do what the server's own SQL could do. */
  as(role: string, segment: string): Promise<pg.Client>;
  segment(name: SegmentName): Segment;
  close(): Promise<void>;
}

/** Opens the databases of a running instance through its socket. */
export async function openDatabases(data: string): Promise<Databases> {
  const passwords = JSON.parse(await readFile(join(data, 'secrets', 'postgres.json'), 'utf8'));
  const host = join(data, 'postgres', 'data');
  const login = (user: string, database: string) => ({ host, port: 5432, user, password: passwords[user], database });
  const pools = new Map<string, pg.Pool>();
  const pool = (database: string): pg.Pool => {
    const known = pools.get(database);
    if (known !== undefined) return known;
    const made = new pg.Pool({ ...login(superuser, database), max: 4, types });
    // An instance that stops ends its connections; the pool makes others once it is there again.
    made.on('error', () => undefined);
    pools.set(database, made);
    return made;
  };
  return {
    sql: async (segment, text, values = []) => (await pool(segment).query(text, [...values])).rows,
    as: async (role, segment) => {
      const client = new pg.Client({ ...login(role, segment), types });
      await client.connect();
      return client;
    },
    segment: (name) => segmentOver(name, pool(name)),
    close: async () => {
      await Promise.all([...pools.values()].map((one) => one.end()));
    },
  };
}

function segmentOver(name: SegmentName, pool: pg.Pool): Segment {
  const ask = async <R extends Row>(client: pg.Pool | pg.PoolClient, { text }: Statement, values: readonly unknown[]) =>
    (await client.query<R>(text, [...values])).rows;
  return {
    name,
    query: (_tenant, statement, values = []) => ask(pool, statement, values),
    transaction: async (_tenant, work) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const connection: Connection = { query: (statement, values = []) => ask(client, statement, values) };
        const result = await work(connection);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

/** An instance opened with its own keys: what an operator who holds the databases *and* the root key can see. */
export interface Inside {
  readonly databases: Databases;
  readonly seal: Seal;
  /** Events of a tenant's log, in the order of the log, from an index on. */
  events(tenant: number, from?: number): Promise<RequestEvent[]>;
  entries(tenant: number): Promise<number>;
  close(): Promise<void>;
}

/** `passphrase`: of the root key, where it has one. */
export async function openInside(data: string, passphrase?: string): Promise<Inside> {
  const databases = await openDatabases(data);
  const { segment } = databases;
  const segments = { identity: segment('identity'), clinical: segment('clinical'), ledger: segment('ledger') };
  const seal = createSeal({
    provider: await fileProvider({
      directory: join(data, 'keys'),
      ...(passphrase === undefined ? {} : { passphrase }),
    }),
    segments,
    clock: systemClock,
  });
  // One, however many ask at once: a second one would never be closed.
  let reader: ReturnType<typeof openReader> | undefined;
  const ledger = async (): Promise<Ledger> => {
    reader ??= openReader(data, segments.ledger, seal);
    return (await reader).ledger;
  };
  const entries = async (tenant: number): Promise<number> => {
    const text = 'select count(*)::int as n from ledger.entries where tenant = $1 and shard = 0';
    return Number((await databases.sql('ledger', text, [tenant]))[0]?.n);
  };
  return {
    databases,
    seal,
    entries,
    events: async (tenant, from = 0) => {
      const found: RequestEvent[] = [];
      const end = await entries(tenant);
      for (let at = from; at < end; at += 1000) {
        const page = await (await ledger()).read(tenant, at, 1000, 0);
        found.push(...page.map(({ event }) => event as RequestEvent));
      }
      return found;
    },
    close: async () => {
      await (await reader)?.close();
      seal.close();
      await databases.close();
    },
  };
}

/** A second process's ledger: it takes a shard of its own, writes nothing, and reads the first one's entries. */
async function openReader(data: string, segment: Segment, seal: Seal) {
  const { id } = JSON.parse(await readFile(join(data, 'instance.json'), 'utf8'));
  const anchors = await mkdtemp(join(tmpdir(), 'safeguard-test-anchors-'));
  const quiet = (): void => undefined;
  const ledger = await createLedger({
    segment,
    vault: (tenant) => seal.vault('ledger', tenant),
    clock: systemClock,
    signer: ed25519Signer(`safeguard/${id}`, generateKeyPairSync('ed25519').privateKey),
    anchors,
    log: { info: quiet, warn: quiet, error: quiet },
  });
  const close = async (): Promise<void> => {
    await ledger.close();
    await rm(anchors, { recursive: true, force: true });
  };
  return { ledger, close };
}
