import type { Condition } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { ColumnToken, OrderedRange, Probe } from '../index-rows/index.ts';
import type { Driver } from './driver.ts';
import type { Leaf, Predicate } from './node.ts';
import { type Draft, isAnyOf } from './sql.ts';

/** Tokens by the column that they stand in. */
function byColumn(any: readonly ColumnToken[]): ReadonlyMap<string, readonly bigint[]> {
  const columns = new Map<string, bigint[]>();
  for (const { column, token } of any) {
    const tokens = columns.get(column);
    if (tokens === undefined) columns.set(column, [token]);
    else if (!tokens.includes(token)) tokens.push(token);
  }
  return columns;
}

const tokenPredicate =
  (columns: ReadonlyMap<string, readonly bigint[]>): Predicate =>
  (draft, seq) => {
    const parts = [...columns].map(
      ([column, tokens]) =>
        `exists (select from records.search p where p.seq = ${seq}
          and ${isAnyOf(draft, `p.${column}`, tokens)} offset 0)`,
    );
    return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
  };

/** Rows of `records.ordered` (alias `o`) that lie in the range. Infinite ends are values like others. */
function rangeSql(draft: Draft, { key, bounds }: OrderedRange): string {
  const sides = bounds.map(({ on, op, value }) => `o.${on} ${op} ${draft.value(String(value), 'float8')}`);
  return [`o.key = ${draft.value(String(key), 'int8')}`, ...sides].join(' and ');
}

const rangePredicate =
  (ranges: readonly OrderedRange[]): Predicate =>
  (draft, seq) => {
    const parts = ranges.map((range) => `(${rangeSql(draft, range)})`);
    if (parts.length === 0) return 'false';
    return `exists (select from records.ordered o where o.seq = ${seq} and (${parts.join(' or ')}) offset 0)`;
  };

const rangeName = (ranges: readonly OrderedRange[]): string =>
  JSON.stringify(
    ranges.map(({ key, bounds }) => [String(key), bounds.map(({ on, op, value }) => [on, op, `${value}`])]),
  );

const rangeDriver = (ranges: readonly OrderedRange[]): Driver => ({
  kind: 'ordered',
  name: rangeName(ranges),
  inner: (draft) =>
    ranges.map((range) => `(select o.seq from records.ordered o where ${rangeSql(draft, range)})`).join(' union all '),
});

/** A value that the index does not hold in a bit of its own (numbers from 63) is never asked by it. */
const presentPredicate =
  (bit: number, present: boolean): Predicate =>
  (draft, seq) => {
    const mask = draft.value(String(1n << BigInt(bit)), 'int8');
    const sign = present ? '<>' : '=';
    return `exists (select from records.search p where p.seq = ${seq} and p.row = 0
      and (p.present & ${mask}) ${sign} 0 offset 0)`;
  };

/** True for whatever the probe finds; undefined: it does not narrow within this segment. */
function predicateOf(probe: Probe): Predicate | undefined {
  switch (probe.in) {
    case 'clinical':
      return tokenPredicate(byColumn(probe.any));
    case 'ordered':
      return rangePredicate(probe.ranges);
    case 'present':
      return presentPredicate(probe.bit, probe.present);
    case 'none':
      return () => 'false';
    case 'identity':
    case 'all':
      return undefined;
    case 'not': {
      const inner = predicateOf(probe.one);
      return inner && ((draft, seq) => `not (${inner(draft, seq)})`);
    }
    default:
      return joined(probe.in, probe.all.map(predicateOf));
  }
}

function joined(word: 'and' | 'or', parts: readonly (Predicate | undefined)[]): Predicate | undefined {
  if (word === 'or' && parts.includes(undefined)) return undefined;
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return word === 'or' ? () => 'false' : undefined;
  return (draft, seq) => `(${known.map((part) => part(draft, seq)).join(` ${word} `)})`;
}

/** Indexes that lead to every resource that the probe finds. `narrow`: said by the condition, see plan.ts. */
function driversOf(probe: Probe, narrow: boolean): readonly Driver[] {
  switch (probe.in) {
    case 'clinical':
      return [{ kind: 'tokens', columns: byColumn(probe.any), narrow }];
    case 'ordered':
      return probe.ranges.length === 0 ? [] : [rangeDriver(probe.ranges)];
    case 'none':
      return [{ kind: 'seqs', seqs: [] }];
    case 'and':
      return probe.all.flatMap((one) => driversOf(one, narrow));
    case 'or': {
      const tokens = probe.all.flatMap((one) => (one.in === 'clinical' ? one.any : []));
      const all = probe.all.every((one) => one.in === 'clinical' || one.in === 'none');
      return all ? [{ kind: 'tokens', columns: byColumn(tokens), narrow }] : [];
    }
    default:
      return [];
  }
}

/** Identity tokens of which every resource that the probe finds has one. */
function identityOf(probe: Probe): readonly bigint[] | undefined {
  if (probe.in === 'identity') return probe.any;
  if (probe.in === 'and') return probe.all.map(identityOf).find((tokens) => tokens !== undefined);
  if (probe.in !== 'or') return undefined;
  const parts = probe.all.filter((one) => one.in !== 'none').map(identityOf);
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** A condition with what the index says of it. */
export function probeLeaf(probe: Probe, narrow: boolean, verify: (resource: JsonObject) => boolean): Leaf {
  const sql = predicateOf(probe);
  const identity = identityOf(probe);
  return {
    kind: 'leaf',
    drivers: driversOf(probe, narrow),
    covered: probe.in === 'clinical' || probe.in === 'ordered',
    ...(sql ? { sql } : {}),
    ...(identity ? { identity } : {}),
    ...(probe.exact ? {} : { verify }),
  };
}

/** Leads to few resources: a reference to something of one patient's, and not to what many share. */
export const isNarrow = ({ parameter, tests }: Condition, shared: ReadonlySet<string>): boolean =>
  parameter.type === 'reference' &&
  tests.length <= 20 &&
  tests.every((test) => test.kind === 'reference' && test.types.every((type) => !shared.has(type)));
