import type { Viewer } from '../../api/answers.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import { widths } from '../../policy/view-widths.ts';
import { usualPurpose } from '../../standing/occasion.ts';
import type { Holding } from '../../standing/types.ts';
import type { createWithheld } from './consents.ts';
import { createWays, type Own, type Somebody, type Table, type Ways } from './own-ways.ts';
import { type Posing, posedOf } from './reach.ts';
import type { Left, Shape, When } from './types.ts';
import type { Judged, Judging } from './ways.ts';

/** Puts together what the ways of each person come to. */
export interface Join extends Pick<Ways, 'ofRole' | 'ofGroup'> {
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
  const { width, letters } = left;
  const [rule, view] = [left.rule.id, widths[width] ?? 'deidentified'];
  if (name === undefined && when === undefined) {
    if (holding === undefined) return { kind, id, rule, view, letters };
    const { role, grant, until } = holding;
    if (grant !== undefined && until !== undefined) return { kind, id, rule, role, grant, until, view, letters };
  }
  const entry: Entry = { kind, id, rule, view, letters };
  if (name !== undefined) entry.name = name;
  if (holding !== undefined) {
    entry.role = holding.role;
    if (holding.grant !== undefined) entry.grant = holding.grant;
    if (holding.until !== undefined) entry.until = holding.until;
  }
  if (when !== undefined && when.length > 0) entry.when = when;
  return entry;
}

/** What somebody asks for when they do not say, and its class. */
interface Usual {
  readonly purpose: string;
  readonly kind: number;
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
  const own: Own = { ways: [], holdings: [] };
  const usual = new Map<string | undefined, Usual>();

  function usualOf(holdings: readonly Holding[]): Usual {
    const role = holdings[0]?.role;
    const known = usual.get(role);
    if (known !== undefined) return known;
    const purpose = usualPurpose(policy.policy, holdings);
    const made = { purpose, kind: purposes.classOf(purpose) };
    usual.set(role, made);
    return made;
  }

  function takenAt({ posed: { shape } }: Table, { id, holdings }: Somebody, kind: number, purpose: string): Taken {
    let sure = 0;
    let doubted = 0;
    for (const one of own.ways) {
      if (!one.forbids) continue;
      const { forbidden, doubted: most } = one.at(kind, purpose);
      sure = masks.union(sure, forbidden);
      doubted = masks.union(doubted, most);
    }
    const consents = withheld === undefined ? 0 : masks.numberOf(withheld({ id, shape, holdings, purpose }));
    return { sure, doubted, consents };
  }

  /** By another purpose, or on an occasion that nobody knows: the first that lets anything through. */
  function perhaps(table: Table, who: Somebody, one: Judged, usually: Usual) {
    const others = purposes.sayable.filter((purpose) => purposes.classOf(purpose) !== usually.kind);
    for (const purpose of [usually.purpose, ...others]) {
      const kind = purposes.classOf(purpose);
      const { sure, consents } = takenAt(table, who, kind, purpose);
      const left = one.at(kind, purpose).perhaps(one.bound ? masks.union(sure, consents) : sure);
      if (left === undefined) continue;
      const doubts = own.ways.flatMap((other) => other.at(kind, purpose).doubts);
      const inDoubt = doubts.filter(({ mask }) => (mask & left.mask) !== 0n).flatMap(({ when }) => when);
      const when = new Set<When>([...(kind === usually.kind ? [] : ['purpose' as const]), ...left.when, ...inDoubt]);
      return { left, when: [...when] };
    }
    return undefined;
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
      ways.fill(own, table, who);
      if (own.ways.length === 0) return;
      const usually = usualOf(who.holdings);
      const { doubted, consents } = takenAt(table, who, usually.kind, usually.purpose);
      const most = masks.union(doubted, consents);
      for (let place = 0; place < own.ways.length; place += 1) {
        const one = own.ways[place];
        if (one?.isOpen !== true) continue;
        const holding = own.holdings[place];
        const left = one.at(usually.kind, usually.purpose).surely(one.bound ? most : doubted);
        if (left !== undefined) {
          into.push(entryOf(who, holding, left));
          continue;
        }
        const found = perhaps(table, who, one, usually);
        if (found !== undefined) into.push(entryOf(who, holding, found.left, found.when));
      }
    },
  };
}
