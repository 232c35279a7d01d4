import type { Viewer } from '../../api/answers.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import { widths } from '../../policy/view-widths.ts';
import { usualPurpose } from '../../standing/occasion.ts';
import type { Holding } from '../../standing/types.ts';
import type { createWithheld } from './consents.ts';
import { createWays, type Own, type Somebody, type Table } from './own-ways.ts';
import { type Posing, posedOf } from './reach.ts';
import type { Left, Shape, When } from './types.ts';
import type { Judging } from './ways.ts';

/** Puts together what the ways of each person come to. */
export interface Join {
  tableOf(shape: Shape): Table;
  /** Adds every way in which somebody of the table's shape sees anything. */
  add(into: Viewer[], table: Table, who: Somebody): void;
}

export interface JoinDeps {
  readonly policy: CompiledPolicy;
  readonly judging: Judging;
  readonly posing: Posing;
  readonly withheld: ReturnType<typeof createWithheld>;
}

type Entry = { -readonly [K in keyof Viewer]: Viewer[K] };

/** Written out: there may be hundreds of thousands. */
function entryOf(
  { kind, id, name }: Somebody,
  holding: Holding | undefined,
  left: Left,
  when?: readonly When[],
): Viewer {
  const { rule, width, letters } = left;
  const entry: Entry = { kind, id, rule: rule.id, view: widths[width] ?? 'deidentified', letters };
  if (name !== undefined) entry.name = name;
  if (holding !== undefined) {
    entry.role = holding.role;
    if (holding.grant !== undefined) entry.grant = holding.grant;
    if (holding.until !== undefined) entry.until = holding.until;
  }
  if (when !== undefined && when.length > 0) entry.when = when;
  return entry;
}

/** Somebody with their ways. */
interface Asking {
  readonly who: Somebody;
  readonly shape: Shape;
  readonly ways: readonly Own[];
}

/** What is taken from all of somebody's ways, by the numbers of masks: surely, perhaps, by consents. */
interface Taken {
  readonly sure: number;
  readonly doubted: number;
  readonly consents: number;
}

export function createJoin({ policy, judging, posing, withheld }: JoinDeps): Join {
  const { masks, purposes } = judging;
  const ways = createWays(policy, judging);
  const tables = new Map<string, Table>();
  const usual = new Map<string | undefined, { readonly purpose: string; readonly kind: number }>();

  function usualOf(holdings: readonly Holding[]) {
    const role = holdings[0]?.role;
    const known = usual.get(role);
    if (known !== undefined) return known;
    const purpose = usualPurpose(policy.policy, holdings);
    const made = { purpose, kind: purposes.classOf(purpose) };
    usual.set(role, made);
    return made;
  }

  function takenAt({ ways: own, shape, who: { id, holdings } }: Asking, kind: number, purpose: string): Taken {
    let sure = 0;
    let doubted = 0;
    for (const { judged: one } of own) {
      if (!one.forbids) continue;
      const { forbidden, doubted: most } = one.at(kind, purpose);
      sure = masks.union(sure, forbidden);
      doubted = masks.union(doubted, most);
    }
    const consents = withheld === undefined ? 0 : masks.numberOf(withheld({ id, shape, holdings, purpose }));
    return { sure, doubted, consents };
  }

  /** By another purpose, or on an occasion that nobody knows: the first that lets anything through. */
  function perhaps(asking: Asking, { judged: one }: Own, usually: { readonly purpose: string; readonly kind: number }) {
    const others = purposes.sayable.filter((purpose) => purposes.classOf(purpose) !== usually.kind);
    for (const purpose of [usually.purpose, ...others]) {
      const kind = purposes.classOf(purpose);
      const { sure, consents } = takenAt(asking, kind, purpose);
      const left = one.at(kind, purpose).perhaps(one.bound ? masks.union(sure, consents) : sure);
      if (left === undefined) continue;
      const doubts = asking.ways.flatMap(({ judged: other }) => other.at(kind, purpose).doubts);
      const inDoubt = doubts.filter(({ mask }) => (mask & left.mask) !== 0n).flatMap(({ when }) => when);
      const when = new Set<When>([...(kind === usually.kind ? [] : ['purpose' as const]), ...left.when, ...inDoubt]);
      return { left, when: [...when] };
    }
    return undefined;
  }

  return {
    tableOf(shape) {
      const key = JSON.stringify(shape);
      const table = tables.get(key) ?? ways.tableOf(posedOf(posing, shape));
      tables.set(key, table);
      return table;
    },
    add(into, table, who) {
      const own = ways.of(table, who);
      if (!own.some((one) => one.judged.isOpen)) return;
      const asking = { who, shape: table.posed.shape, ways: own };
      const usually = usualOf(who.holdings);
      const { doubted, consents } = takenAt(asking, usually.kind, usually.purpose);
      const most = masks.union(doubted, consents);
      for (const one of own) {
        if (!one.judged.isOpen) continue;
        const left = one.judged.at(usually.kind, usually.purpose).surely(one.judged.bound ? most : doubted);
        if (left !== undefined) {
          into.push(entryOf(who, one.holding, left));
          continue;
        }
        const found = perhaps(asking, one, usually);
        if (found !== undefined) into.push(entryOf(who, one.holding, found.left, found.when));
      }
    },
  };
}
