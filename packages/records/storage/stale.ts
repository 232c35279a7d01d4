import type { Segment, Statement } from '@safeguard/store';
import type { RecordsLog } from './intents.ts';
import { lowestEdition, type SealedWrite } from './seal-write.ts';

const dropStale: Statement = {
  name: 'records-drop-stale',
  text: 'select records.drop_stale($1::int4, $2::uuid[], $3::int8[], $4::int8[], $5::uuid[])',
};

/** The tokens that hold for a resource, by its pseudonym and current version. */
export interface HeldTokens {
  readonly row: string;
  readonly version: number;
  readonly tokens: readonly bigint[];
}

/** Takes away all other tokens of these resources, but where a later version was put meanwhile. */
export async function keepOnly(identity: Segment, tenant: number, held: readonly HeldTokens[]): Promise<void> {
  if (held.length === 0) return;
  const tokens = held.flatMap((one) => one.tokens.map((token) => ({ token, row: one.row })));
  await identity.query(tenant, dropStale, [
    tenant,
    held.map((one) => one.row),
    held.map((one) => lowestEdition(one.version + 1)),
    tokens.map((one) => String(one.token)),
    tokens.map((one) => one.row),
  ]);
}

/**
 * Takes away the tokens of versions that are no longer current, at leisure: after the clinical commit, several writes
 * at once. What a crash leaves is noted in `records.stale`, for the sweep.
 */
export interface StaleTokens {
  /** These writes were committed. */
  settle(tenant: number, writes: readonly SealedWrite[]): void;
  flush(): Promise<void>;
}

const flush_ms = 250;
const most_rows = 400;

export function createStaleTokens({ identity, log }: { identity: Segment; log: RecordsLog }): StaleTokens {
  const waiting = new Map<number, Map<string, HeldTokens>>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const batches = [...waiting];
    waiting.clear();
    for (const [tenant, byRow] of batches) {
      const held = [...byRow.values()];
      for (let start = 0; start < held.length; start += most_rows) {
        try {
          await keepOnly(identity, tenant, held.slice(start, start + most_rows));
        } catch (error) {
          log.warn('tokens of earlier versions could not be deleted', { error, count: held.length });
        }
      }
    }
  };

  return {
    settle: (tenant, writes) => {
      const replaced = writes.filter(({ write }) => write.expected > 0);
      if (replaced.length === 0) return;
      const byRow = waiting.get(tenant) ?? new Map<string, HeldTokens>();
      waiting.set(tenant, byRow);
      for (const { row, write, part } of replaced) {
        const version = write.expected + 1;
        const known = byRow.get(row);
        if (known === undefined || known.version < version) {
          byRow.set(row, { row, version, tokens: part?.tokens ?? [] });
        }
      }
      timer ??= setTimeout(() => void flush(), flush_ms);
    },
    flush,
  };
}
