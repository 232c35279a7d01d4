import { join } from 'node:path';
import { systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import type pg from 'pg';
import { bindingId, entryPlace, openEnvelopes } from '../../packages/ledger/envelope.ts';
import { withDatabase } from './database.ts';

/** An entry of the audit log, opened. */
export interface Entry {
  readonly log: string;
  readonly index: number;
  readonly id: string;
  readonly action: string;
  readonly outcome: string;
  readonly status: number;
  readonly within?: string;
  readonly targets?: readonly { readonly type: string; readonly id: string; readonly version?: number }[];
  /** Of an event that was cut into parts, which one; absent: it is whole. */
  readonly part?: number;
}

/** How far each log was read, by its origin. */
export type Progress = Map<string, number>;

/**
 * Every entry of every log (since `progress`, which moves on), read past the server: the bodies from the database as
 * its superuser, opened here with the instance's own root key and the ledger's own format. Nothing is written, and the
 * running server is not asked.
 */
export function readEntries(data: string, progress: Progress = new Map()): Promise<Entry[]> {
  return withDatabase(data, 'ledger', async (client) => {
    const segment = segmentOver(client);
    const provider = await fileProvider({ directory: join(data, 'keys') });
    const seal = createSeal({
      provider,
      segments: { identity: segment, clinical: segment, ledger: segment },
      clock: systemClock,
    });
    try {
      const logs = await client.query<LogRow>('select tenant, shard, origin from ledger.logs order by 1, 2');
      const read: Entry[][] = [];
      for (const log of logs.rows) {
        const from = progress.get(log.origin) ?? 0;
        const some = await entriesOf(client, await seal.vault('ledger', log.tenant), log, from);
        progress.set(log.origin, from + some.length);
        read.push(some);
      }
      return read.flat();
    } finally {
      seal.close();
    }
  });
}

interface LogRow {
  readonly tenant: number;
  readonly shard: number;
  readonly origin: string;
}

type Vault = Parameters<typeof openEnvelopes>[0];

async function entriesOf(
  client: pg.Client,
  vault: Vault,
  { tenant, shard, origin }: LogRow,
  from: number,
): Promise<Entry[]> {
  const { rows } = await client.query<{ index: number; body: Buffer }>(
    'select index, body from ledger.entries where tenant = $1 and shard = $2 and index >= $3 order by index',
    [tenant, shard, from],
  );
  const resource = bindingId(origin);
  const events = await openEnvelopes(
    vault,
    rows.map(({ index, body }) => ({ place: entryPlace(resource, index), body })),
  );
  return events.map((event, at) => ({ ...(event as Entry), log: origin, index: rows[at]?.index ?? -1 }));
}

/** As much of a segment as the key tree needs: statements of one connection. */
function segmentOver(client: pg.Client): Segment {
  const connection: Connection = {
    query: async ({ name, text }, values = []) => (await client.query({ name, text, values: [...values] })).rows,
  };
  return {
    name: 'ledger',
    query: (_tenant, statement, values) => connection.query(statement, values),
    transaction: (_tenant, work) => work(connection),
  };
}
