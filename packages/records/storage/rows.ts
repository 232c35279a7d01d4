import type { Row, Statement } from '@safeguard/store';

/** A version as it stands in the clinical segment. `body` null: deleted. */
export interface StoredRow extends Row {
  readonly id: string;
  readonly type: number;
  readonly at: Date;
  readonly version: number;
  readonly key: number;
  readonly identity: number | null;
  readonly body: Buffer | null;
}

/** The lifted identifiers of one version, as they stand in the identity segment. */
export interface PartRow extends Row {
  readonly row: string;
  readonly edition: number;
  readonly key: number;
  readonly body: Buffer;
}

/** The columns of a StoredRow. */
export const columns = 'id, type, at, version, key, identity, body';

export const currentRows: Statement = {
  name: 'records-current',
  text: `select ${columns} from records.resource where tenant = $1 and id = any ($2::uuid[])`,
};

/** One version, whether it is the current one or an earlier one. */
export const versionRow: Statement = {
  name: 'records-version',
  text: `select ${columns} from records.resource where tenant = $1 and id = $2 and version = $3
    union all select ${columns} from records.history where tenant = $1 and id = $2 and version = $3`,
};

/** All versions of one resource, newest first, from below a version number ($3). */
export const historyRows: Statement = {
  name: 'records-history',
  text: `select ${columns} from records.resource where tenant = $1 and id = $2 and version < $3
    union all select ${columns} from records.history where tenant = $1 and id = $2 and version < $3
    order by version desc limit $4`,
};

/** The newest identity row of each pseudonym. */
export const newestParts: Statement = {
  name: 'records-newest-parts',
  text: `select p.row, p.edition, p.key, p.body from unnest($2::uuid[]) w (row)
    cross join lateral (
      select * from records.part where tenant = $1 and row = w.row order by edition desc limit 1
    ) p`,
};

export const exactParts: Statement = {
  name: 'records-parts',
  // One look into the index for each: joined freely, PostgreSQL may expect few parts of a tenant and read them all.
  text: `select p.row, p.edition, p.key, p.body from unnest($2::uuid[], $3::int8[]) w (row, edition)
    cross join lateral (
      select * from records.part where tenant = $1 and row = w.row and edition = w.edition offset 0
    ) p`,
};

export const insertParts: Statement = {
  name: 'records-insert-parts',
  text: `select records.put_parts($1::int4, $2::uuid[], $3::int8[], $4::int4[], $5::int4[], $6::bytea, $7::int4,
    $8::uuid[], $9::int8[], $10::uuid[])`,
};

export const deleteParts: Statement = {
  name: 'records-delete-parts',
  text: `delete from records.part p using unnest($2::uuid[], $3::int8[]) w (row, edition)
    where p.tenant = $1 and p.row = w.row and p.edition = w.edition`,
};

/** The parameters, from number `first`, that `indexValues` fills. */
export function indexParameters(first: number): string {
  const types = ['int4[]', 'int2[]', ...Array<string>(15).fill('int8[]'), 'int4[]', 'int8[]', 'float8[]', 'float8[]'];
  return types.map((type, index) => `$${first + index}::${type}`).join(', ');
}

export const putRows: Statement = {
  name: 'records-put',
  text: `select records.put($1::int4, $2::boolean, $3::uuid[], $4::int2[], $5::int4[], $6::timestamptz[], $7::int4[],
    $8::int8[], $9::int4[], $10::bytea, $11::int4[], $12::uuid[], $13::int4[], $14::bytea,
    ${indexParameters(15)}) as done`,
};
