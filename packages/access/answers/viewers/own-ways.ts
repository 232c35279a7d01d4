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

/** One of somebody's ways; `holding`: theirs, with its grant. */
export interface Own {
  readonly judged: Judged;
  readonly holding: Holding | undefined;
}

const isPlain = ({ patients, opens, kind }: Holding): boolean =>
  patients === undefined && opens === undefined && kind !== 'break-glass';

export interface Ways {
  tableOf(posed: Posed): Table;
  of(table: Table, who: Somebody): Own[];
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

  return {
    tableOf: (posed) => ({
      ...{ posed, byRole: new Map(), byHolding: new Map(), byGroup: new Map() },
      everyone: index.everyone && make({ posed }, { rules: index.everyone, holding: undefined }),
    }),
    of(table, { kind, id, holdings, groups }) {
      const ways: Own[] = [];
      const add = (one: Judged | undefined, holding: Holding | undefined): void => {
        if (one !== undefined && (one.isOpen || one.forbids)) ways.push({ judged: one, holding });
      };
      for (const holding of holdings) add(byHolding(table, holding), holding);
      const rules = (kind === 'client' ? index.clients : index.users).get(id);
      if (rules !== undefined) add(make(table, { rules, holding: undefined }), undefined);
      for (const group of groups) {
        const named = index.groups.get(group);
        if (named !== undefined)
          add(cached(table.byGroup, group, table, { rules: named, holding: undefined }), undefined);
      }
      add(table.everyone, undefined);
      return ways;
    },
  };
}
