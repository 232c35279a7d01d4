import type { RequestEvent } from '@safeguard/http';
import type { Ledger } from '@safeguard/ledger';
import type { Seal } from '@safeguard/seal';
import type { Connection, Row, Segment, Statement } from '@safeguard/store';
import { deleteParts, type StoredRow } from './rows.ts';

const eraseVersions: Statement = {
  name: 'records-erase-versions',
  text: `delete from records.history h using unnest($2::uuid[], $3::int4[]) w (id, version)
    where h.tenant = $1 and h.id = w.id and h.version = w.version returning h.id, h.identity`,
};
const eraseHistories: Statement = {
  name: 'records-erase-histories',
  text: 'delete from records.history where tenant = $1 and id = any ($2::uuid[]) returning id, identity',
};
const eraseResource: Statement = {
  name: 'records-erase-resource',
  text: `with gone as (
      delete from records.resource where tenant = $1 and id = $2 returning seq
    ), found as (
      delete from records.search s using gone where s.tenant = $1 and s.seq = gone.seq
    ), ordered as (
      delete from records.ordered o using gone where o.tenant = $1 and o.seq = gone.seq
    )
    select count(*)::int4 as gone from gone`,
};
const parkIntent: Statement = {
  name: 'records-park-intent',
  text: 'insert into records.intent (tenant, id, at, event) values ($1, $2, now(), $3)',
};
const noteStale: Statement = {
  name: 'records-note-stale',
  text: `insert into records.stale (tenant, row, hour)
    select $1, r, (extract(epoch from now()) / 3600)::int4 from unnest($2::uuid[]) r
    on conflict (tenant, row) do nothing`,
};
const erasePseudonym: Statement = {
  name: 'records-erase-pseudonym',
  text: `with parts as (delete from records.part where tenant = $1 and row = $2),
      tokens as (delete from records.token where tenant = $1 and row = $2)
    delete from records.stale where tenant = $1 and row = $2`,
};

interface Erased extends Row {
  readonly id: string;
  readonly identity: number | null;
}

/** Deletes for good. Who may is for the caller to have decided. */
export interface Eraser {
  /** These earlier versions, whatever resources they are of. Parks the event beside the deletion. How many went. */
  versions(tenant: number, rows: readonly StoredRow[], event?: RequestEvent): Promise<number>;
  /** Every earlier version of a resource; the current one stays. How many went. */
  history(tenant: number, id: string, event?: RequestEvent): Promise<number>;
  /** Every version of a resource, and what the index has of it. False: there was none. */
  purge(tenant: number, id: string, event?: RequestEvent): Promise<boolean>;
}

export interface EraserDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly ledger: Pick<Ledger, 'sealIntent'>;
}

/**
 * The identity segment first notes what is about to go, then the clinical commit decides, then the identity half goes:
 * a crash between leaves sealed parts that no version names, and a note by which the sweep finds them.
 */
export function createEraser({ identity, clinical, seal, ledger }: EraserDeps): Eraser {
  const noted = async (tenant: number, ids: readonly string[]): Promise<(id: string) => string> => {
    const vault = await seal.vault('identity', tenant);
    await identity.query(tenant, noteStale, [tenant, [...new Set(ids)].map((id) => vault.pseudonym(id))]);
    return (id) => vault.pseudonym(id);
  };

  const committed = async <T>(
    tenant: number,
    event: RequestEvent | undefined,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> => {
    const intent = event && (await ledger.sealIntent(tenant, event));
    return clinical.transaction(tenant, async (connection) => {
      const done = await work(connection);
      if (event) await connection.query(parkIntent, [tenant, event.id, intent]);
      return done;
    });
  };

  const dropParts = async (tenant: number, erased: readonly Erased[], row: (id: string) => string): Promise<void> => {
    const parts = erased.filter((one) => one.identity !== null);
    if (parts.length === 0) return;
    const values = [tenant, parts.map((part) => row(part.id)), parts.map((part) => part.identity)];
    await identity.query(tenant, deleteParts, values);
  };

  const erase = async (
    tenant: number,
    ids: readonly string[],
    event: RequestEvent | undefined,
    work: (connection: Connection) => Promise<Erased[]>,
  ): Promise<number> => {
    const row = await noted(tenant, ids);
    const erased = await committed(tenant, event, work);
    await dropParts(tenant, erased, row);
    return erased.length;
  };

  return {
    versions: (tenant, rows, event) => {
      const ids = rows.map((row) => row.id);
      const values = [tenant, ids, rows.map((row) => row.version)];
      return erase(tenant, ids, event, (connection) => connection.query<Erased>(eraseVersions, values));
    },
    history: (tenant, id, event) =>
      erase(tenant, [id], event, (connection) => connection.query<Erased>(eraseHistories, [tenant, [id]])),
    purge: async (tenant, id, event) => {
      const row = await noted(tenant, [id]);
      const gone = await committed(tenant, event, async (connection) => {
        await connection.query(eraseHistories, [tenant, [id]]);
        const [answer] = await connection.query<{ gone: number }>(eraseResource, [tenant, id]);
        return answer?.gone === 1;
      });
      await identity.query(tenant, erasePseudonym, [tenant, row(id)]);
      return gone;
    },
  };
}
