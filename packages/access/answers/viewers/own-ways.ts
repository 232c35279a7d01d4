import type { Viewer } from '../../api/answers.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import type { Holding } from '../../standing/types.ts';
import type { Posed } from './reach.ts';
import type { Way } from './types.ts';
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
  /** By role, of holdings that name no patients and open nothing; and of the others. */
  readonly byRole: Map<string, Judged>;
  readonly byHolding: Map<string, Judged>;
  readonly byGroup: Map<string, Judged>;
  readonly everyone: Judged | undefined;
}

/** One person's ways, and by their places their own holdings, with their grants. Used anew for the next person. */
export interface Own {
  readonly ways: Judged[];
  readonly holdings: (Holding | undefined)[];
}

/** Nothing but the role counts. */
export const isPlain = ({ patients, opens, kind }: Holding): boolean =>
  patients === undefined && opens === undefined && kind !== 'break-glass';

function put({ ways, holdings }: Own, way: Judged | undefined, holding: Holding | undefined): void {
  if (way === undefined || !(way.isOpen || way.forbids)) return;
  ways.push(way);
  holdings.push(holding);
}

export interface Ways {
  tableOf(posed: Posed): Table;
  /** Puts somebody's ways in the place of the last one's. */
  fill(own: Own, table: Table, who: Somebody): void;
  /** What a role comes to by a holding that names no patients and opens nothing; what a group does. */
  ofRole(table: Table, role: string): Judged | undefined;
  ofGroup(table: Table, group: string): Judged | undefined;
}

/** Judges the ways of people, each once for all who have it. */
export function createWays({ index }: CompiledPolicy, judging: Judging): Ways {
  const make = ({ posed }: Pick<Table, 'posed'>, way: Way): Judged => judged(judging, posed, way);
  const patients = new Set(judging.rows.patients);

  function cached(known: Map<string, Judged>, key: string, table: Table, way: Way): Judged {
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make(table, way);
    known.set(key, made);
    return made;
  }

  /** Of patients that a grant names only those who matter here: with none of them it reaches nothing. */
  function byHolding(table: Table, holding: Holding): Judged | undefined {
    const { role, opens, kind } = holding;
    const rules = index.roles.get(role);
    if (rules === undefined) return undefined;
    if (isPlain(holding)) return cached(table.byRole, role, table, { rules, holding });
    const near = holding.patients?.filter((one) => patients.has(one));
    if (near?.length === 0) return undefined;
    const narrowed = near === undefined ? holding : { ...holding, patients: near };
    const key = JSON.stringify([role, near, opens, kind === 'break-glass']);
    return cached(table.byHolding, key, table, { rules, holding: narrowed });
  }

  function byGroup(table: Table, group: string): Judged | undefined {
    const rules = index.groups.get(group);
    return rules && cached(table.byGroup, group, table, { rules, holding: undefined });
  }

  return {
    ofGroup: byGroup,
    ofRole: (table, role) => byHolding(table, { role, kind: 'standing' }),
    tableOf: (posed) => ({
      ...{ posed, byRole: new Map(), byHolding: new Map(), byGroup: new Map() },
      everyone: index.everyone && make({ posed }, { rules: index.everyone, holding: undefined }),
    }),
    fill(own, table, { kind, id, holdings, groups }) {
      own.ways.length = 0;
      own.holdings.length = 0;
      for (const holding of holdings) put(own, byHolding(table, holding), holding);
      const rules = (kind === 'client' ? index.clients : index.users).get(id);
      if (rules !== undefined) put(own, make(table, { rules, holding: undefined }), undefined);
      for (const group of groups) put(own, byGroup(table, group), undefined);
      put(own, table.everyone, undefined);
    },
  };
}
