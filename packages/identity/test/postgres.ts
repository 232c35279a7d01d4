import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isFault, systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations, type Vault } from '@safeguard/seal';
import { type Row, type Segment, testStore } from '@safeguard/store';
import { migrations } from '../index.ts';

/** The identity segment on a real PostgreSQL, with doors to look behind the policies. */
export interface TestPostgres {
  /** The folder of PostgreSQL's files: tables, WAL, its log. */
  readonly files: string;
  readonly segment: Segment;
  /** Real keys, of this test file alone. */
  readonly vault: (tenant: number) => Promise<Vault>;
  /** A statement as superuser, past every policy. */
  asOwner(text: string): Promise<Row[]>;
  /**
   * A statement as the runtime role, on the given tenant's behalf; null: on nobody's. Fails with PostgreSQL's own
   * error.
   */
  asRuntime(tenant: number | null, text: string): Promise<Row[]>;
  close(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const store = await testStore([...sealMigrations, ...migrations]);
  const segment = store.segment('identity');
  const keys = await mkdtemp(join(tmpdir(), 'safeguard-keys-'));
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const provider = await fileProvider({ directory: join(keys, 'root') });
  const seal = createSeal({ provider, segments, clock: systemClock });
  let count = 0;
  return {
    files: dirname(store.embedded.cluster),
    segment,
    vault: (tenant) => seal.vault('identity', tenant),
    asOwner: (text) => store.sql('identity', text),
    async asRuntime(tenant, text) {
      if (tenant === null) return store.sql('identity', `set role safeguard_identity; ${text}`);
      try {
        count += 1;
        return await segment.query(tenant, { name: `test.${count}`, text });
      } catch (error) {
        throw isFault(error) ? error.cause : error;
      }
    },
    async close() {
      seal.close();
      await store.close();
      await rm(keys, { recursive: true });
    },
  };
}

/** The files under a folder that hold the text, in clear. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() && readFileSync(file).includes(text));
}
