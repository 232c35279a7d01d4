import { typeNumber } from '@safeguard/fhir';
import type { Row, Segment } from '@safeguard/store';
import { columns } from '../storage/rows.ts';
import type { Choice } from './choose.ts';
import { drivenSelect, type Wanted, type Window } from './driver.ts';
import type { Candidate, NumberedRow, Stream } from './found.ts';
import { factsOf, type Leaf, type Node, superset } from './node.ts';
import { createDraft, type Draft, shaped } from './sql.ts';

/** The columns of a NumberedRow, of `records.resource` under an alias. */
export const rowColumns = (alias: string): string =>
  [...columns.split(', '), 'seq'].map((column) => `${alias}.${column}`).join(', ');

/** One type, within one tenant, with all that is asked of it. */
export interface Level {
  readonly tenant: number;
  readonly type: string;
  readonly node: Node;
}

/** The conditions that SQL can judge, over candidates `d`; and those judgements that verifying needs. */
export function wantedOf(
  { tenant, type, node }: Level,
  covers?: Leaf,
): { readonly wanted: Wanted; readonly facts: readonly Leaf[] } {
  const where = superset(node, covers);
  const facts = factsOf(node);
  return {
    facts,
    wanted: {
      tenant,
      type: typeNumber(type),
      where: (draft) => (where ? [where(draft, 'd.seq')] : []),
      columns: (draft) => facts.map((leaf, index) => `${factSql(draft, leaf)} as f${index}`),
    },
  };
}

const factSql = (draft: Draft, leaf: Leaf): string => leaf.sql?.(draft, 'd.seq') ?? 'true';

/** What the statement said of the leaves, by the columns `f0`, `f1` … */
export const factsIn = (row: Row, facts: readonly Leaf[]): ReadonlyMap<Leaf, boolean> =>
  new Map(facts.map((leaf, index) => [leaf, row[`f${index}`] === true]));

/** The candidates of a window in the order of their numbers, with their rows: one statement. */
export async function candidatesIn(
  clinical: Segment,
  level: Level,
  { driver, covers }: Pick<Choice, 'driver' | 'covers'>,
  window: Window,
): Promise<Candidate[]> {
  if (driver.kind === 'seqs' && driver.seqs.length === 0) return [];
  const { wanted, facts } = wantedOf(level, covers);
  const draft = createDraft();
  const inner = drivenSelect(draft, driver, wanted, window);
  const told = facts.map((_, index) => `, x.f${index}`).join('');
  const text = `select ${rowColumns('r')}${told} from (${inner}) x
    join records.resource r on r.seq = x.seq and r.body is not null order by r.seq${window.descending ? ' desc' : ''}`;
  const rows = await clinical.query<NumberedRow>(level.tenant, shaped(text), draft.values);
  return rows.map((row) => ({ row, facts: factsIn(row, facts), place: row.seq }));
}

/** Where a stream begins, and up to which number resources belong to the result. */
export interface Start {
  /** Beyond this place; undefined: from the beginning. */
  readonly beyond: number | undefined;
  readonly bound: number;
  readonly descending: boolean;
}

/** The candidates of a level in the order of their numbers, that is of their creation. */
export function clinicalStream(clinical: Segment, level: Level, choice: Choice, start: Start): Stream {
  let { beyond } = start;
  return {
    next: async (size) => {
      const { descending, bound } = start;
      const window = descending
        ? { after: -1, until: beyond === undefined ? bound : Math.min(bound, beyond - 1), descending, limit: size }
        : { after: beyond ?? -1, until: bound, descending, limit: size };
      const found = await candidatesIn(clinical, level, choice, window);
      // A statement may bring more than was asked for: its limits come in steps.
      const kept = found.slice(0, size);
      beyond = kept.at(-1)?.row.seq ?? beyond;
      return { found: kept, done: found.length < size };
    },
  };
}
