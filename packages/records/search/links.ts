import type { Parameter } from '@safeguard/fhir';
import { typeNumber } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { Row, Segment } from '@safeguard/store';
import type { ReferenceColumn } from '../index-rows/index.ts';
import { tooCostly } from './found.ts';
import { isExact, type Leaf, type Node, never, type Predicate, superset } from './node.ts';
import { createDraft, shaped, tokensOf } from './sql.ts';

/** One type with what is asked of it, the guard included. */
export interface LinkLevel {
  readonly type: string;
  readonly node: Node;
}

/** What following references needs. */
export interface Follow {
  readonly tenant: number;
  readonly clinical: Segment;
  /** Where the tokens of a reference parameter stand. */
  readonly columns: (parameter: Parameter) => readonly ReferenceColumn[];
  /** The condition that a parameter refers to one of these, where no join can be made. */
  readonly refersTo: (parameter: Parameter, type: string, ids: readonly string[]) => Node;
  /** So few resources at the far end are looked up first; where more are, PostgreSQL joins. */
  readonly few: number;
  /**
   * The numbers of resources that fulfil a level, up to `limit` of them; undefined: there are more.
   */
  readonly collect: (level: LinkLevel, limit: number) => Promise<readonly number[] | undefined>;
}

const most_named = 1_000;
/** The most that a chain to conditions which SQL cannot judge may lead to. */
const most = 50_000;

interface SelfRow extends Row {
  readonly self: string;
}

/** Whether an index leads to the far end, so that looking there first is worth a statement. */
const isDriven = (node: Node): boolean =>
  node.kind === 'leaf'
    ? node.drivers.length > 0 || node.identity !== undefined
    : node.kind === 'and' && node.all.some(isDriven);

/** The far end of a link as a list, where it is short or must be one; undefined: it is left to SQL. */
async function farEnd(follow: Follow, level: LinkLevel): Promise<readonly number[] | undefined> {
  if (!isExact(level.node)) {
    const all = await follow.collect(level, most);
    if (all === undefined) throw tooCostly('A chain leads to too many resources: ask more precisely');
    return all;
  }
  return isDriven(level.node) ? follow.collect(level, follow.few) : undefined;
}

const signed = (token: bigint): bigint => BigInt.asIntN(64, token);

/** Columns with tokens in them. Tokens of a column are in the index of that column alone. */
function tokensLeaf(columns: ReadonlyMap<string, readonly bigint[]>): Leaf {
  if ([...columns.values()].every((tokens) => tokens.length === 0)) return never;
  return {
    kind: 'leaf',
    sql: (draft, seq) =>
      `(${[...columns]
        .map(
          ([column, tokens]) =>
            `exists (select from records.search p where p.seq = ${seq} and p.${column} is not null
              and p.${column} = any (${draft.value(tokensOf(tokens), 'int8[]')}) offset 0)`,
        )
        .join(' or ')})`,
    covered: true,
    drivers: [{ kind: 'tokens', columns, narrow: [...columns.values()].flat().length <= 20 }],
  };
}

/** `parameter` of the searched type leads to a resource of the level. */
export async function followNode(follow: Follow, parameter: Parameter, level: LinkLevel): Promise<Node> {
  if (parameter.target.length > 0 && !parameter.target.includes(level.type)) return never;
  const columns = follow.columns(parameter);
  if (columns.length === 0) return followIdentity(follow, parameter, level);
  const seqs = await farEnd(follow, level);
  if (seqs === undefined) return { kind: 'leaf', sql: forwardJoin(columns, level), drivers: [] };
  return leadingTo(follow, columns, seqs);
}

/** What refers by these columns to one of the resources of these numbers. */
async function leadingTo(follow: Follow, columns: readonly ReferenceColumn[], seqs: readonly number[]): Promise<Leaf> {
  if (seqs.length === 0) return never;
  const rows = await follow.clinical.query<SelfRow>(
    follow.tenant,
    shaped('select s.self::text as self from records.search s where s.seq = any ($1::int8[]) and s.row = 0'),
    [seqs],
  );
  const selves = rows.map((row) => BigInt(row.self));
  const merged = new Map<string, bigint[]>();
  for (const { column, mask } of columns) {
    const tokens = selves.map((self) => signed(self ^ mask));
    merged.set(column, [...(merged.get(column) ?? []), ...tokens]);
  }
  return tokensLeaf(merged);
}

/**
 * The same for a rule's condition: joined wherever SQL can judge the far end, because a rule is asked at every request
 * and most of what it leads to is not what is searched for. Else the far end is looked up first.
 */
export async function ruleLink(follow: Follow, columns: readonly ReferenceColumn[], level: LinkLevel): Promise<Node> {
  if (isExact(level.node)) return { kind: 'leaf', sql: forwardJoin(columns, level), drivers: [] };
  const seqs = await follow.collect(level, most);
  if (seqs === undefined) throw tooCostly('A rule leads to too many resources to be judged');
  return leadingTo(follow, columns, seqs);
}

interface IdRow extends Row {
  readonly id: string;
}

/** References that are kept in the identity segment: what they lead to is looked up first, whole. */
async function followIdentity(follow: Follow, parameter: Parameter, level: LinkLevel): Promise<Node> {
  const seqs = await follow.collect(level, most_named);
  if (seqs === undefined) throw tooCostly(`${parameter.code}: the chain leads to too many resources`);
  const rows = await follow.clinical.query<IdRow>(
    follow.tenant,
    shaped('select r.id from records.resource r where r.seq = any ($1::int8[])'),
    [seqs],
  );
  const ids = rows.map(({ id }) => id);
  return ids.length === 0 ? never : follow.refersTo(parameter, level.type, ids);
}

/** Row-level security lets only comparisons of plain columns use an index: hence the inner select that computes. */
const forwardJoin =
  (columns: readonly ReferenceColumn[], { type, node }: LinkLevel): Predicate =>
  (draft, seq) => {
    const inner = superset(node);
    const parts = columns.map(({ column, mask }) => {
      const [l, x, t] = [draft.alias(), draft.alias(), draft.alias()];
      return `exists (select from records.search ${l}
        cross join lateral (select ${l}.${column} # ${draft.value(String(mask), 'int8')} as self offset 0) ${x}
        join records.search ${t} on ${t}.self = ${x}.self and ${t}.self is not null
          and ${t}.type = ${draft.value(typeNumber(type), 'int2')}
        where ${l}.seq = ${seq} and ${l}.${column} is not null
          ${inner ? `and ${inner(draft, `${t}.seq`)}` : ''} offset 0)`;
    });
    return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
  };

/** A resource of the level leads by its `parameter` to the searched one. */
export async function reverseNode(follow: Follow, parameter: Parameter, level: LinkLevel): Promise<Node> {
  const columns = follow.columns(parameter);
  if (columns.length === 0) throw fault('invalid', `_has: ${parameter.code} cannot be followed backwards`);
  const seqs = await farEnd(follow, level);
  if (seqs === undefined) return { kind: 'leaf', sql: reverseJoin(columns, level), drivers: [] };
  if (seqs.length === 0) return never;
  const selves = new Set<bigint>();
  for (const { column, mask } of columns) {
    const draft = createDraft();
    const text = `select distinct (s.${column} # ${draft.value(String(mask), 'int8')})::text as self
      from records.search s where s.seq = any (${draft.value(seqs, 'int8[]')}) and s.${column} is not null`;
    const rows = await follow.clinical.query<SelfRow>(follow.tenant, shaped(text), draft.values);
    for (const row of rows) selves.add(BigInt(row.self));
  }
  return tokensLeaf(new Map([['self', [...selves]]]));
}

const reverseJoin =
  (columns: readonly ReferenceColumn[], { type, node }: LinkLevel): Predicate =>
  (draft, seq) => {
    const inner = superset(node);
    const parts = columns.map(({ column, mask }) => {
      const [z, x, i] = [draft.alias(), draft.alias(), draft.alias()];
      return `exists (select from (select ${z}.self # ${draft.value(String(mask), 'int8')} as link
          from records.search ${z} where ${z}.seq = ${seq} and ${z}.row = 0 offset 0) ${x}
        join records.search ${i} on ${i}.${column} = ${x}.link and ${i}.${column} is not null
          and ${i}.type = ${draft.value(typeNumber(type), 'int2')}
        ${inner ? `where ${inner(draft, `${i}.seq`)}` : ''} offset 0)`;
    });
    return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
  };
