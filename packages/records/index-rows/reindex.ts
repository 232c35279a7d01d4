import { parseWritten, resourceTypes, typeName, typeNumber } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';
import type { Opener } from '../storage/open.ts';
import { columns, indexParameters, insertParts, type StoredRow } from '../storage/rows.ts';
import { type CustomParameters, inTurns, noCustomParameters } from '../storage/seal-write.ts';
import { type HeldTokens, keepOnly } from '../storage/stale.ts';
import { indexValues } from './arrays.ts';
import { type Indexed, rowsOf } from './rows.ts';

const batch_rows = 200;

const begin: Statement = {
  name: 'records-reindex-begin',
  text: `insert into records.reindex (tenant, type, after, until, done, started)
    select $1, t, 0, coalesce((select max(seq) from records.resource where tenant = $1), 0), 0, now()
    from unnest($2::int2[]) t
    on conflict (tenant, type) do update
      set after = 0, until = excluded.until, done = 0, started = excluded.started, finished = null`,
};
const list: Statement = {
  name: 'records-reindex-list',
  text: `select type, after, until, done, started, finished from records.reindex where tenant = $1 order by type`,
};
const advance: Statement = {
  name: 'records-reindex-advance',
  text: `update records.reindex set after = $3, done = done + $4, finished = case when $5 then now() end
    where tenant = $1 and type = $2`,
};
const nextRows: Statement = {
  name: 'records-reindex-next',
  text: `select seq, ${columns} from records.resource
    where tenant = $1 and seq > $2 and seq <= $3 and ($4 = 0 or type = $4) and body is not null
    order by seq limit ${batch_rows}`,
};
const putIndex: Statement = {
  name: 'records-reindex-put',
  text: `select records.reindex_put($1::int4, $2::uuid[], $3::int4[], ${indexParameters(4)})`,
};

interface ProgressRow extends Row {
  readonly type: number;
  readonly after: number;
  readonly until: number;
  readonly done: number;
  readonly started: Date;
  readonly finished: Date | null;
}

/** How far a reindex has come. Numbers of resources run from 1 over all types and tenants, so `share` is a guess. */
export interface ReindexProgress {
  /** Absent: every type. */
  readonly type?: string;
  /** Resources read so far. */
  readonly done: number;
  /** 0 to 1. */
  readonly share: number;
  readonly started: Date;
  readonly finished: Date | undefined;
}

export interface ReindexOptions {
  readonly onProgress?: (progress: ReindexProgress) => void;
  /** Stops after the batch under way; what is left is taken up by the next `resume`. */
  readonly signal?: AbortSignal;
}

/** Makes the index rows of stored resources anew, while others read and write. */
export interface Reindex {
  /** From the beginning, for every type or for some. Fault `invalid`: a type that R4 does not know. */
  run(tenant: number, options?: ReindexOptions & { readonly types?: readonly string[] }): Promise<ReindexProgress[]>;
  /** Takes up what is not finished: after a restart, or a migration that needs it. To be called at start, unawaited. */
  resume(tenant: number, options?: ReindexOptions): Promise<ReindexProgress[]>;
  status(tenant: number): Promise<ReindexProgress[]>;
}

export interface ReindexDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly opener: Pick<Opener, 'texts'>;
  /** Finishes what writers of this process have to take away of tokens: they may know fewer parameters. */
  readonly settle: () => Promise<void>;
  readonly customParameters?: CustomParameters;
}

const progressOf = ({ type, after, until, done, started, finished }: ProgressRow): ReindexProgress => ({
  ...(type === 0 ? {} : { type: typeName(type) }),
  done,
  share: until === 0 || finished !== null ? 1 : Math.min(1, after / until),
  started,
  finished: finished ?? undefined,
});

interface Found {
  readonly row: StoredRow;
  /** Undefined: its keys were destroyed. */
  readonly indexed: Indexed | undefined;
}

export function createReindex(deps: ReindexDeps): Reindex {
  const { identity, clinical, seal, opener, settle, customParameters = noCustomParameters } = deps;

  const read = async (tenant: number, rows: readonly StoredRow[]): Promise<Found[]> => {
    const vaults = {
      clinical: await seal.vault('clinical', tenant),
      identity: await seal.vault('identity', tenant),
    };
    const custom = customParameters(tenant);
    const texts = await opener.texts(tenant, rows, 'full');
    return inTurns([...rows.entries()], ([index, row]) => {
      const text = texts[index];
      if (text === undefined) return { row, indexed: undefined };
      const make = rowsOf(typeName(row.type), custom);
      return { row, indexed: make(vaults, row.id, parseWritten(text) as JsonObject) };
    });
  };

  /** New tokens, then the clinical rows of those still current, then the tokens that no longer hold. */
  const put = async (tenant: number, found: readonly Found[]): Promise<void> => {
    const vault = await seal.vault('identity', tenant);
    const held = found.map(
      ({ row, indexed }): HeldTokens => ({
        row: vault.pseudonym(row.id),
        version: row.version,
        tokens: indexed?.identity ?? [],
      }),
    );
    const tokens = held.flatMap((one) => one.tokens.map((token) => ({ token, row: one.row })));
    if (tokens.length > 0) {
      const pairs = [tokens.map((one) => String(one.token)), tokens.map((one) => one.row)];
      await identity.query(tenant, insertParts, [tenant, [], [], [], [], Buffer.alloc(0), 0, [], ...pairs]);
    }
    await clinical.query(tenant, putIndex, [
      tenant,
      found.map(({ row }) => row.id),
      found.map(({ row }) => row.version),
      ...indexValues(found.map(({ indexed }) => indexed?.clinical)),
    ]);
    await keepOnly(identity, tenant, held);
  };

  const rowsOfTenant = (tenant: number): Promise<ProgressRow[]> => clinical.query<ProgressRow>(tenant, list, [tenant]);

  const walk = async (tenant: number, job: ProgressRow, { onProgress, signal }: ReindexOptions): Promise<void> => {
    let { after, done } = job;
    for (;;) {
      if (signal?.aborted) return;
      const values = [tenant, after, job.until, job.type];
      const rows = await clinical.query<StoredRow & { seq: number }>(tenant, nextRows, values);
      if (rows.length > 0) await put(tenant, await read(tenant, rows));
      const isLast = rows.length < batch_rows;
      after = isLast ? job.until : (rows.at(-1)?.seq ?? job.until);
      done += rows.length;
      await clinical.query(tenant, advance, [tenant, job.type, after, rows.length, isLast]);
      onProgress?.(progressOf({ ...job, after, done, finished: isLast ? new Date() : null }));
      if (isLast) return;
    }
  };

  const resume = async (tenant: number, options: ReindexOptions = {}): Promise<ReindexProgress[]> => {
    await settle();
    const open = (await rowsOfTenant(tenant)).filter((job) => job.finished === null);
    for (const job of open) await walk(tenant, job, options);
    return (await rowsOfTenant(tenant)).map(progressOf);
  };

  return {
    run: async (tenant, { types, ...options } = {}) => {
      if (types?.some((type) => !resourceTypes.includes(type))) {
        throw fault('invalid', 'types: expected resource types of FHIR R4');
      }
      await clinical.query(tenant, begin, [tenant, types?.map(typeNumber) ?? [0]]);
      return resume(tenant, options);
    },
    resume,
    status: async (tenant) => (await rowsOfTenant(tenant)).map(progressOf),
  };
}
