import type { SubjectRules } from '../../policy/compile-index.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import { type HeldList, isPlain } from '../../standing/alike.ts';
import type { Holding } from '../../standing/types.ts';
import type { Whose } from './list.ts';
import type { Posed } from './reach.ts';
import type { Way } from './types.ts';
import { type Judged, type Judging, judged } from './ways.ts';

/** Somebody who may be a viewer. */
export interface Somebody extends Whose, HeldList {
  /** The rules that name them by their id. */
  readonly rules: SubjectRules | undefined;
  /** Their groups, by their places among those of the policy. */
  readonly groups: readonly number[];
}

/** What a way comes to; null: it neither opens nor forbids anything here. */
export type Found = Judged | null;

/** People of one shape, and what each way comes to for them: found out when the first of them has it. */
export interface Table {
  readonly posed: Posed;
  /** By role, of holdings that name no patients and open nothing; and of the others. */
  readonly byRole: Map<string, Found>;
  readonly byHolding: Map<string, Found>;
  readonly byGroup: (Found | undefined)[];
  readonly everyone: Found;
}

export interface Ways {
  tableOf(posed: Posed): Table;
  /** What a role comes to by a holding that names no patients and opens nothing. */
  ofRole(table: Table, role: string): Found;
  ofHolding(table: Table, holding: Holding): Found;
  /** By its place among the policy's. */
  ofGroup(table: Table, group: number): Found;
  /** What rules come to that name nobody but this person. */
  ofRules(table: Table, rules: SubjectRules): Found;
}

/** Judges the ways of people, each once for all who have it. */
export function createWays({ index }: CompiledPolicy, judging: Judging): Ways {
  const patients = new Set(judging.rows.patients);
  const groups = [...index.groups.values()];

  function make({ posed }: Pick<Table, 'posed'>, rules: SubjectRules | undefined, holding?: Holding): Found {
    if (rules === undefined) return null;
    const way: Way = { rules, holding };
    const made = judged(judging, posed, way);
    return made.isOpen || made.forbids ? made : null;
  }

  function byRole(table: Table, holding: Holding): Found {
    const before = table.byRole.get(holding.role);
    if (before !== undefined) return before;
    const made = make(table, index.roles.get(holding.role), holding);
    table.byRole.set(holding.role, made);
    return made;
  }

  /** Of patients that a grant names only those who matter here: with none of them it reaches nothing. */
  function byHolding(table: Table, holding: Holding): Found {
    if (isPlain(holding)) return byRole(table, holding);
    const { role, opens, kind } = holding;
    const near = holding.patients?.filter((one) => patients.has(one));
    if (near?.length === 0) return null;
    const key = JSON.stringify([role, near, opens, kind === 'break-glass']);
    const before = table.byHolding.get(key);
    if (before !== undefined) return before;
    const made = make(table, index.roles.get(role), near === undefined ? holding : { ...holding, patients: near });
    table.byHolding.set(key, made);
    return made;
  }

  function ofGroup(table: Table, group: number): Found {
    const before = table.byGroup[group];
    if (before !== undefined) return before;
    const made = make(table, groups[group]);
    table.byGroup[group] = made;
    return made;
  }

  return {
    ofGroup,
    ofHolding: byHolding,
    ofRole: (table, role) => byHolding(table, { role, kind: 'standing' }),
    ofRules: (table, rules) => make(table, rules),
    tableOf: (posed) => ({
      ...{ posed, byRole: new Map(), byHolding: new Map(), byGroup: groups.map(() => undefined) },
      everyone: make({ posed }, index.everyone),
    }),
  };
}
