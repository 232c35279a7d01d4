import type { Connection, Row, Segment, Statement } from '@safeguard/store';

const make = (name: string, text: string): Statement => ({ name: `programme.parameter.${name}`, text });

/** One approved change, as it is kept. */
export interface ParameterRow extends Row {
  readonly name: string;
  readonly number: number;
  /** Null: back to the file's. */
  readonly value: number | string | null;
  readonly task: string;
  readonly opened_by: string;
  readonly approved_by: readonly string[];
  readonly at: number;
}

const columns = 'p.name, p.number, p.value, p.task, p.opened_by, p.approved_by, p.at';

const newest = make(
  'newest',
  `select distinct on (p.name) ${columns} from programme.parameter p
   where p.tenant = $1 and p.at <= $2 order by p.name, p.number desc`,
);

const history = make(
  'history',
  `select ${columns} from programme.parameter p where p.tenant = $1 and p.name = $2 order by p.number desc`,
);

const add = make(
  'add',
  `insert into programme.parameter (tenant, name, number, value, task, opened_by, approved_by, at)
   select $1, $2, coalesce(max(p.number), 0) + 1, $3::jsonb, $4, $5, $6, greatest($7::bigint, coalesce(max(p.at), 0))
   from programme.parameter p where p.tenant = $1 and p.name = $2`,
);

/** Rows of one tenant's decided numbers. */
export function parameterRows(segment: Segment, tenant: number) {
  return {
    /** Of each name the newest at a moment. */
    newest: (at: number): Promise<ParameterRow[]> => segment.query<ParameterRow>(tenant, newest, [tenant, at]),
    /** The same, inside a transaction of that tenant. */
    newestIn: (connection: Connection, at: number): Promise<ParameterRow[]> =>
      connection.query<ParameterRow>(newest, [tenant, at]),
    /** Newest first. */
    history: (name: string): Promise<ParameterRow[]> => segment.query<ParameterRow>(tenant, history, [tenant, name]),
    add: async (connection: Connection, row: Omit<ParameterRow, 'number'>): Promise<void> => {
      const { name, value, task, opened_by, approved_by, at } = row;
      await connection.query(add, [tenant, name, JSON.stringify(value), task, opened_by, approved_by, at]);
    },
  };
}
