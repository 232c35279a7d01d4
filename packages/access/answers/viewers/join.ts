import type { Viewer } from '../../api/answers.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import { widths } from '../../policy/view-widths.ts';
import { usualPurpose } from '../../standing/occasion.ts';
import type { Holding } from '../../standing/types.ts';
import type { createWithheld } from './consents.ts';
import { type Posed, type Posing, posedOf } from './reach.ts';
import type { Left, Shape, Way, When } from './types.ts';
import { type Judged, type Judging, judged } from './ways.ts';

/** Somebody who may be a viewer. */
export interface Somebody {
  readonly kind: Viewer['kind'];
  readonly id: string;
  /** Of a client. */
  readonly name?: string;
  readonly holdings: readonly Holding[];
  readonly groups: readonly string[];
}

/** People of one shape, and what each way comes to for them: found out when the first of them has it. */
export interface Table {
  readonly posed: Posed;
  readonly byRole: Map<string, Judged>;
  readonly byKey: Map<string, Judged>;
}

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

/** One of somebody's ways; `holding`: theirs, with its grant. */
interface Own {
  readonly judged: Judged;
  readonly holding: Holding | undefined;
}

const isPlain = ({ patients, opens, kind }: Holding): boolean =>
  patients === undefined && opens === undefined && kind !== 'break-glass';

/** How to judge somebody's ways, each once for all who have it. */
function createWays({ policy: { index }, judging }: JoinDeps): (table: Table, who: Somebody) => Own[] {
  const make = ({ posed }: Table, way: Way): Judged => judged(judging, posed, way);
  const cached = (known: Map<string, Judged>, key: string, table: Table, way: Way): Judged => {
    const one = known.get(key) ?? make(table, way);
    known.set(key, one);
    return one;
  };

  /** Of patients that a grant names only those who matter here: with none of them it reaches nothing. */
  function byHolding(table: Table, holding: Holding): Judged | undefined {
    const { role, opens, kind } = holding;
    const rules = index.roles.get(role);
    if (rules === undefined) return undefined;
    if (isPlain(holding)) return cached(table.byRole, role, table, { rules, holding });
    const patients = holding.patients?.filter((one) => judging.rows.patients.includes(one));
    if (patients?.length === 0) return undefined;
    const narrowed = patients === undefined ? holding : { ...holding, patients };
    const key = JSON.stringify([role, patients, opens, kind === 'break-glass']);
    return cached(table.byKey, key, table, { rules, holding: narrowed });
  }

  return (table, { kind, id, holdings, groups }) => {
    const ways: Own[] = [];
    for (const holding of holdings) {
      const one = byHolding(table, holding);
      if (one !== undefined) ways.push({ judged: one, holding });
    }
    const own = (kind === 'client' ? index.clients : index.users).get(id);
    if (own !== undefined) ways.push({ judged: make(table, { rules: own, holding: undefined }), holding: undefined });
    for (const group of groups) {
      const rules = index.groups.get(group);
      if (rules === undefined) continue;
      const one = cached(table.byKey, `group ${group}`, table, { rules, holding: undefined });
      ways.push({ judged: one, holding: undefined });
    }
    const rules = index.everyone;
    if (rules !== undefined) {
      ways.push({ judged: cached(table.byKey, '*', table, { rules, holding: undefined }), holding: undefined });
    }
    return ways;
  };
}

function entryOf(
  { kind, id, name }: Somebody,
  holding: Holding | undefined,
  left: Left,
  when: readonly When[],
): Viewer {
  const { rule, width, letters } = left;
  return {
    ...{ kind, id, rule: rule.id, view: widths[width] ?? 'deidentified', letters },
    ...(name === undefined ? {} : { name }),
    ...(holding === undefined ? {} : { role: holding.role }),
    ...(holding?.grant === undefined ? {} : { grant: holding.grant }),
    ...(holding?.until === undefined ? {} : { until: holding.until }),
    ...(when.length === 0 ? {} : { when }),
  };
}

export function createJoin(deps: JoinDeps): Join {
  const { policy, judging, posing, withheld } = deps;
  const { masks, purposes } = judging;
  const waysOf = createWays(deps);
  const tables = new Map<string, Table>();

  /** What is taken from all of somebody's ways at a purpose: by what forbids, and what consents withhold besides. */
  function takenAt(ways: readonly Own[], { posed: { shape } }: Table, { id, holdings }: Somebody, purpose: string) {
    const kind = purposes.classOf(purpose);
    let [sure, doubted] = [0, 0];
    for (const { judged: one } of ways) {
      if (!one.forbids) continue;
      const { forbidden, doubted: most } = one.at(kind, purpose);
      sure = masks.union(sure, forbidden);
      doubted = masks.union(doubted, most);
    }
    const consents = masks.numberOf(withheld({ id, shape, holdings, purpose }));
    return { kind, sure, doubted, consents };
  }

  /** By another purpose, or on an occasion that nobody knows: the first that lets anything through. */
  function perhaps(ways: readonly Own[], own: Own, table: Table, who: Somebody, usual: string) {
    for (const purpose of [usual, ...purposes.sayable]) {
      const { kind, sure, consents } = takenAt(ways, table, who, purpose);
      const isUsual = kind === purposes.classOf(usual);
      if (isUsual && purpose !== usual) continue;
      const left = own.judged.at(kind, purpose).perhaps(own.judged.bound ? masks.union(sure, consents) : sure);
      if (left === undefined) continue;
      const doubts = ways.flatMap(({ judged: one }) => one.at(kind, purpose).doubts);
      const inDoubt = doubts.filter(({ mask }) => (mask & left.mask) !== 0n).flatMap(({ when }) => when);
      const when = new Set<When>([...(isUsual ? [] : ['purpose' as const]), ...left.when, ...inDoubt]);
      return { left, when: [...when] };
    }
    return undefined;
  }

  return {
    tableOf(shape) {
      const key = JSON.stringify(shape);
      const table = tables.get(key) ?? { posed: posedOf(posing, shape), byRole: new Map(), byKey: new Map() };
      tables.set(key, table);
      return table;
    },
    add(into, table, who) {
      const ways = waysOf(table, who);
      if (!ways.some((one) => one.judged.isOpen)) return;
      const usual = usualPurpose(policy.policy, who.holdings);
      const { kind, doubted, consents } = takenAt(ways, table, who, usual);
      const most = masks.union(doubted, consents);
      for (const own of ways) {
        if (!own.judged.isOpen) continue;
        const left = own.judged.at(kind, usual).surely(own.judged.bound ? most : doubted);
        if (left !== undefined) {
          into.push(entryOf(who, own.holding, left, []));
          continue;
        }
        const found = perhaps(ways, own, table, who, usual);
        if (found !== undefined) into.push(entryOf(who, own.holding, found.left, found.when));
      }
    },
  };
}
