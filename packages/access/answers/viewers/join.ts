import type { CompiledPolicy } from '../../policy/compiled.ts';
import { widths } from '../../policy/view-widths.ts';
import { type Alike, unlike } from '../../standing/alike.ts';
import type { Holding } from '../../standing/types.ts';
import type { Withheld } from './consents.ts';
import { type Context, createContexts } from './contexts.ts';
import type { Entries, Head } from './list.ts';
import { createWays, type Found, type Somebody, type Table, type Ways } from './own-ways.ts';
import { type Posing, posedOf } from './reach.ts';
import type { Left, Reason, Shape, When } from './types.ts';
import type { Judged, Judging } from './ways.ts';

/** Puts together what the ways of each person come to. */
export interface Join extends Pick<Ways, 'ofRole' | 'ofGroup'> {
  tableOf(shape: Shape): Table;
  /** Adds every way in which somebody of the table's shape sees anything. */
  add(into: Entries, table: Table, who: Somebody): void;
}

export interface JoinDeps {
  readonly policy: CompiledPolicy;
  readonly judging: Judging;
  readonly posing: Posing;
  readonly withheld: Withheld | undefined;
  readonly sampleOf: Alike['sampleOf'];
}

const reasonOf = ({ rule, width, letters }: Left, when: readonly When[] = []): Reason => ({
  ...{ rule: rule.id, view: widths[width] ?? 'deidentified', letters },
  ...(when.length === 0 ? {} : { when }),
});

/** Why, and whether at all, each way shows anything in a context: found out once. */
function createReasons({ masks, purposes }: Judging): (one: Found, context: Context) => Reason | null {
  /** By another purpose, or on an occasion that nobody knows: the first that lets anything through. */
  function perhaps(one: Judged, context: Context): Reason | null {
    const others = purposes.sayable.filter((purpose) => purposes.classOf(purpose) !== context.kind);
    for (const purpose of [context.purpose, ...others]) {
      const kind = purposes.classOf(purpose);
      const { sure, consents } = context.takenAt(kind, purpose);
      const left = one.at(kind, purpose).perhaps(one.bound ? masks.union(sure, consents) : sure);
      if (left === undefined) continue;
      const doubts = context.forbids.flatMap((other) => other.at(kind, purpose).doubts);
      const inDoubt = doubts.filter(({ mask }) => (mask & left.mask) !== 0n).flatMap(({ when }) => when);
      const other = kind === context.kind ? [] : ['purpose' as const];
      return reasonOf(left, [...new Set<When>([...other, ...left.when, ...inDoubt])]);
    }
    return null;
  }

  function find(one: Judged, context: Context): Reason | null {
    const { purpose, kind } = context;
    const { doubted, consents } = context.takenAt(kind, purpose);
    const left = one.at(kind, purpose).surely(one.bound ? masks.union(doubted, consents) : doubted);
    return left === undefined ? perhaps(one, context) : reasonOf(left);
  }

  return (one, context) => {
    if (one?.isOpen !== true) return null;
    const { reasons } = one;
    // Most people of a table have one context.
    if (reasons.context === context.number) return reasons.last;
    const made = reasons.all.get(context.number) ?? find(one, context);
    reasons.all.set(context.number, made);
    reasons.context = context.number;
    reasons.last = made;
    return made;
  };
}

/** What is the same for all people of a table whose holdings are alike. */
interface Base {
  /** Without what names them besides. */
  readonly context: Context;
  readonly head: Head;
  /** In other contexts, by their numbers. */
  heads: Map<number, Head> | undefined;
}

export function createJoin({ policy, judging, posing, withheld, sampleOf }: JoinDeps): Join {
  const ways = createWays(policy, judging);
  const contexts = createContexts({ policy, judging, withheld });
  const reasonFor = createReasons(judging);
  const tables = new Map<string, Table>();
  const bases = new Map<Table, Base[]>();

  function headIn(context: Context, held: readonly Found[], { everyone }: Table): Head {
    return { reasons: held.map((way) => reasonFor(way, context)), everyone: reasonFor(everyone, context) };
  }

  const heldBy = (table: Table, holdings: readonly Holding[]): Found[] =>
    holdings.map((one) => ways.ofHolding(table, one));

  function make(table: Table, who: Pick<Somebody, 'id' | 'holdings'>): Base {
    const held = heldBy(table, who.holdings);
    const context = contexts.with(contexts.of(table.posed.shape, who, held), table.everyone);
    return { context, head: headIn(context, held, table), heads: undefined };
  }

  function baseOf(table: Table, who: Somebody): Base {
    if (who.alike === unlike) return make(table, who);
    const known = bases.get(table) ?? [];
    if (known.length === 0) bases.set(table, known);
    const before = known[who.alike];
    if (before !== undefined) return before;
    const made = make(table, { id: who.id, holdings: sampleOf(who.alike) });
    known[who.alike] = made;
    return made;
  }

  function headOf(base: Base, context: Context, table: Table, holdings: readonly Holding[]): Head {
    if (context === base.context) return base.head;
    base.heads ??= new Map();
    const before = base.heads.get(context.number);
    if (before !== undefined) return before;
    const made = headIn(context, heldBy(table, holdings), table);
    base.heads.set(context.number, made);
    return made;
  }

  return {
    ...{ ofRole: ways.ofRole, ofGroup: ways.ofGroup },
    tableOf(shape) {
      const key = JSON.stringify(shape);
      const table = tables.get(key) ?? ways.tableOf(posedOf(posing, shape));
      tables.set(key, table);
      return table;
    },
    add(into, table, who) {
      const base = baseOf(table, who);
      const named = who.rules === undefined ? null : ways.ofRules(table, who.rules);
      let context = contexts.with(base.context, named);
      for (const group of who.groups) context = contexts.with(context, ways.ofGroup(table, group));
      const byName = reasonFor(named, context);
      if (byName !== null) into.put(byName);
      for (const group of who.groups) {
        const reason = reasonFor(ways.ofGroup(table, group), context);
        if (reason !== null) into.put(reason);
      }
      into.close(who, who.holdings, headOf(base, context, table, who.holdings));
    },
  };
}
