import { typeNumber } from '@safeguard/fhir';
import type { Vault } from '@safeguard/seal';
import type { Row, Segment } from '@safeguard/store';
import type { PartRow } from '../storage/rows.ts';
import { factsIn, type Level, rowColumns, wantedOf } from './clinical-stream.ts';
import { limitSql } from './driver.ts';
import type { Candidate, NumberedRow, Stream } from './found.ts';
import { conjuncts, type Leaf } from './node.ts';
import { createDraft, type Draft, opaque, shaped, tokensOf } from './sql.ts';

/** The identity conditions that must all hold: a list of alternatives each. */
export const identityTokens = ({ node }: Pick<Level, 'node'>): readonly (readonly bigint[])[] =>
  conjuncts(node)
    .filter((one): one is Leaf => one.kind === 'leaf')
    .flatMap((leaf) => (leaf.identity === undefined ? [] : [leaf.identity]));

/** A pseudonym with the newest identity part that stands under it, if there is one: most often the one that counts. */
interface PseudonymRow extends Row {
  readonly row: string;
  readonly edition: number | null;
  readonly key: number | null;
  readonly body: Buffer | null;
}

const partOf = ({ row, edition, key, body }: PseudonymRow): { part?: PartRow } =>
  edition === null || key === null || body === null ? {} : { part: { row, edition, key, body } };

/** Where a stream of pseudonyms begins. */
export interface PseudonymStart {
  readonly beyond: string | undefined;
  readonly bound: number;
  readonly descending: boolean;
}

const least = '00000000-0000-0000-0000-000000000000';
const greatest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Pseudonyms that carry a token of every list, in their own order: the order of the index, so that a page costs the
 * same however many there are. Pseudonyms are a keyed permutation of ids: the order tells nothing.
 */
function pseudonymSelect(
  draft: Draft,
  tenant: number,
  lists: readonly (readonly bigint[])[],
  { beyond, descending }: PseudonymStart,
  limit: number,
): string {
  const [first = [], ...others] = lists;
  const own = draft.value(tenant, 'int4');
  const from = draft.value(beyond ?? (descending ? greatest : least), 'uuid');
  const [near, far, end] = descending ? ['<', '>=', least] : ['>', '<=', greatest];
  const most = limitSql(draft, limit);
  const way = descending ? ' desc' : '';
  const also = others
    .map(
      (tokens) => ` and exists (select from records.token o where o.tenant = ${own} and o.row = t.row
        and o.token = any (${draft.value(tokensOf(tokens), 'int8[]')}) offset 0)`,
    )
    .join('');
  // A comparison of rows goes along the index, however frequent the token is (see typeSelect in driver.ts).
  const each = (token: string): string => `select t.row from records.token t
    where t.tenant = ${own} and (t.token, t.row) ${near} (${token}, ${from})
      and (t.token, t.row) ${far} (${token}, '${end}'::uuid)${also}
    order by t.token${way}, t.row${way}${most}`;
  if (first.length === 1) return each(opaque(draft, String(first[0]), 'int8'));
  const list = draft.value(tokensOf(first), 'int8[]');
  return `select distinct e.row from unnest(${list}) k (token) cross join lateral (${each('k.token')}) e
    order by e.row${way}${most}`;
}

/** What verifies a candidate is its identity part: it comes along, and saves a statement. */
const withParts = (draft: Draft, tenant: number, select: string, descending: boolean): string =>
  `select f.row, p.edition, p.key, p.body from (${select}) f left join lateral (
    select * from records.part where tenant = ${draft.value(tenant, 'int4')} and row = f.row
      order by edition desc limit 1
  ) p on true order by f.row${descending ? ' desc' : ''}`;

/** Tokens are counted up to here to find the rarest list. */
const count_most = 2_000;

interface CountRow extends Row {
  readonly n: number;
}

/** The rarest list first: the others are probed for each that carries one of its tokens. */
async function rarestFirst(
  identity: Segment,
  tenant: number,
  lists: readonly (readonly bigint[])[],
): Promise<readonly (readonly bigint[])[]> {
  if (lists.length < 2) return lists;
  const counted = await Promise.all(
    lists.map(async (list) => {
      const text = `select count(*) as n from (select from unnest($2::int8[]) k (token) cross join lateral (
        select from records.token t where t.tenant = $1::int4 and t.token = k.token limit ${count_most}) e
        limit ${count_most}) c`;
      const [row] = await identity.query<CountRow>(tenant, shaped(text), [tenant, tokensOf(list)]);
      return { list, n: row?.n ?? 0 };
    }),
  );
  return counted.sort((one, other) => one.n - other.n).map(({ list }) => list);
}

export interface IdentityDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly vault: Vault;
}

/** Joins a batch of ids with what the clinical segment holds of them, under the clinical conditions of the level. */
async function clinicalRows(
  clinical: Segment,
  level: Level,
  ids: readonly string[],
  bound: number,
): Promise<ReadonlyMap<string, Omit<Candidate, 'place'>>> {
  const { wanted, facts } = wantedOf(level);
  const draft = createDraft();
  const where = [
    `d.tenant = ${draft.value(level.tenant, 'int4')}`,
    `d.id = any (${draft.value(ids, 'uuid[]')})`,
    `d.type = ${draft.value(typeNumber(level.type), 'int2')}`,
    'd.body is not null',
    `d.seq + 0 <= ${draft.value(bound, 'int8')}`,
    ...wanted.where(draft),
  ].join(' and ');
  const told = (wanted.columns?.(draft) ?? []).map((column) => `, ${column}`).join('');
  const text = `select ${rowColumns('d')}${told} from records.resource d where ${where}`;
  const rows = await clinical.query<NumberedRow>(level.tenant, shaped(text), draft.values);
  return new Map(rows.map((row) => [row.id, { row, facts: factsIn(row, facts) }]));
}

/** The candidates of a level that an identity token leads to, in the order of their pseudonyms. */
export function identityStream(deps: IdentityDeps, level: Level, start: PseudonymStart): Stream {
  const { identity, clinical, vault } = deps;
  let lists: readonly (readonly bigint[])[] | undefined;
  let { beyond } = start;
  return {
    next: async (size) => {
      lists ??= await rarestFirst(identity, level.tenant, identityTokens(level));
      if (lists.some((tokens) => tokens.length === 0)) return { found: [], done: true };
      const draft = createDraft();
      const text = withParts(
        draft,
        level.tenant,
        pseudonymSelect(draft, level.tenant, lists, { ...start, beyond }, size),
        start.descending,
      );
      const all = await identity.query<PseudonymRow>(level.tenant, shaped(text), draft.values);
      const rows = all.slice(0, size);
      beyond = rows.at(-1)?.row ?? beyond;
      const done = all.length < size;
      if (rows.length === 0) return { found: [], done };
      const ids = rows.map(({ row }) => vault.resource(row));
      const byId = await clinicalRows(clinical, level, ids, start.bound);
      const found = rows.flatMap((each, index) => {
        const candidate = byId.get(ids[index] ?? '');
        return candidate ? [{ ...candidate, place: each.row, ...partOf(each) }] : [];
      });
      return { found, done };
    },
  };
}
