import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CustomParameter, typeNumber } from '@safeguard/fhir';
import type { RequestEvent } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type MigrationSet, type Segment, testStore } from '@safeguard/store';
import { createReindex, type Probe } from '../index-rows/index.ts';
import { forgetIdentity, forgetIndex } from '../storage/destroy.ts';
import { createEraser } from '../storage/erase.ts';
import { createOpener } from '../storage/open.ts';
import { createRowReader } from '../storage/read.ts';
import type { Write } from '../storage/seal-write.ts';
import { createStaleTokens } from '../storage/stale.ts';
import { sweepOrphans, sweptHour } from '../storage/sweep.ts';
import { sweepStale } from '../storage/sweep-stale.ts';
import { createWriter } from '../storage/write.ts';

const tenant = 1;

const migrations = (['identity', 'clinical'] as const).map(
  (segment): MigrationSet => ({
    package: 'records',
    segment,
    folder: join(import.meta.dirname, '../migrations', segment),
  }),
);

/** A row of `records.search`. Tokens as text: they are wider than a number. */
export type SearchRow = Record<string, string | null> & { readonly seq: string };

/** The storage of records on a real PostgreSQL, without the API above it. */
export async function openIndexHouse() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-index-'));
  const clock = { at: Date.now(), now: () => clock.at };
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const seal = createSeal({ provider: await fileProvider({ directory: join(folder, 'keys') }), segments, clock });
  const log = { info() {}, warn() {}, error() {} };
  const custom: { list: readonly CustomParameter[] } = { list: [] };
  const customParameters = () => custom.list;
  const stale = createStaleTokens({ identity: segments.identity, log });
  const ledger = {
    state: () => ({ serving: true }) as never,
    sealIntent: () => Promise.resolve(Buffer.from('intent')),
  };
  const writerOn = (identity: Segment, clinical: Segment) =>
    createWriter({ identity, clinical, seal, ledger, stale, customParameters });
  const writer = writerOn(segments.identity, segments.clinical);
  const reader = createRowReader(segments.identity, segments.clinical);
  const opener = createOpener(seal, reader, Date.now);
  const reindex = createReindex({ ...segments, seal, opener, settle: stale.flush, customParameters });
  const event = (): RequestEvent => ({ id: newId() }) as RequestEvent;
  const sweepDeps = { ...segments, seal, clock, reader, opener, customParameters };

  const sql = (segment: 'identity' | 'clinical', text: string, values: readonly unknown[] = []) =>
    store.sql(segment, text, values);

  const ask: Sql = (segment, text, values) => segments[segment].query(tenant, { name: '', text }, values);

  return {
    store,
    segments,
    seal,
    clock,
    custom,
    stale,
    writer,
    writerOn,
    reindex,
    reader,
    opener,
    sql,
    eraser: createEraser({ ...segments, seal, ledger }),
    vaults: async () => ({
      clinical: await seal.vault('clinical', tenant),
      identity: await seal.vault('identity', tenant),
    }),
    write: async (resource: JsonObject, id = newId(), expected = 0): Promise<string> => {
      const write: Write = { type: String(resource['resourceType']), id, expected, at: clock.now(), resource };
      if (!(await writer.one(tenant, write, event()))) throw new Error('not written');
      return id;
    },
    remove: async (type: string, id: string, expected: number): Promise<void> => {
      if (!(await writer.one(tenant, { type, id, expected, at: clock.now() }, event()))) throw new Error('not removed');
    },
    /** Several at once, as a transaction does it. */
    writeAll: async (resources: readonly JsonObject[]): Promise<void> => {
      const writes = resources.map((resource): Write => {
        return {
          type: String(resource['resourceType']),
          id: String(resource['id']),
          expected: 0,
          at: clock.now(),
          resource,
        };
      });
      const batch = await writer.seal(tenant, writes, event());
      await segments.clinical.transaction(tenant, (connection) => writer.put(tenant, batch, connection));
      writer.settled(tenant, batch);
    },
    destroy: async (patient: string): Promise<void> => {
      await forgetIdentity(segments.identity, seal, tenant, patient);
      await forgetIndex(segments.clinical, seal, tenant, patient);
      await seal.destroy(tenant, patient);
    },
    sweep: async (): Promise<number> =>
      (await sweepOrphans(sweepDeps, tenant)) + (await sweepStale(sweepDeps, tenant, sweptHour(clock))),
    /** Ids of live resources of a type by what the index says. */
    find: (type: string, probe: Probe) => evaluate(ask, seal, type, probe),
    close: async () => {
      await stale.flush();
      seal.close();
      await store.close();
    },
  };
}

type Sql = (segment: 'identity' | 'clinical', text: string, values?: readonly unknown[]) => Promise<object[]>;

/** A probe in SQL of the plainest kind: what the executor's must agree with. */
async function evaluate(
  sql: Sql,
  seal: { vault(segment: 'identity', tenant: number): Promise<{ resource(row: string): string }> },
  type: string,
  probe: Probe,
): Promise<Set<string>> {
  const ids = async (where: string, values: readonly unknown[] = []): Promise<Set<string>> => {
    const text = `select distinct r.id from records.resource r where r.tenant = ${tenant}
      and r.type = ${typeNumber(type)} and r.body is not null and (${where})`;
    return new Set((await sql('clinical', text, values)).map((row) => (row as { id: string }).id));
  };
  const some = (one: Probe): Promise<Set<string>> => evaluate(sql, seal, type, one);
  switch (probe.in) {
    case 'all':
      return ids('true');
    case 'none':
      return new Set();
    case 'present': {
      const sign = probe.present ? '<>' : '=';
      const bit = `(s.present & (1::int8 << ${probe.bit})) ${sign} 0`;
      return ids(`exists (select from records.search s where s.seq = r.seq and s.row = 0 and ${bit})`);
    }
    case 'clinical': {
      const any = probe.any.map(({ column, token }) => `s.${column} = ${token}`).join(' or ') || 'false';
      return ids(`exists (select from records.search s where s.seq = r.seq and (${any}))`);
    }
    case 'ordered': {
      const values: string[] = [];
      const place = (value: number): string => `$${values.push(String(value))}::float8`;
      const any = probe.ranges.map(({ key, bounds }) =>
        [`o.key = ${key}`, ...bounds.map(({ on, op, value }) => `o.${on} ${op} ${place(value)}`)].join(' and '),
      );
      return ids(`exists (select from records.ordered o where o.seq = r.seq and ((${any.join(') or (')})))`, values);
    }
    case 'identity': {
      const vault = await seal.vault('identity', tenant);
      const text = 'select distinct row from records.token where tenant = $1 and token = any ($2::int8[])';
      const rows = await sql('identity', text, [tenant, probe.any.map(String)]);
      return ids('r.id = any ($1::uuid[])', [rows.map((row) => vault.resource((row as { row: string }).row))]);
    }
    case 'not':
      return (await ids('true')).difference(await some(probe.one));
    default: {
      const sets = await Promise.all(probe.all.map(some));
      if (probe.in === 'or') return sets.reduce((all, one) => all.union(one), new Set<string>());
      return sets.reduce((all, one) => all.intersection(one), await ids('true'));
    }
  }
}
