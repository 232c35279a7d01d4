import type { Principal } from '@safeguard/http';
import { isUsable, type Judge, levelsFor } from './decide.ts';
import { cellIn } from './grants.ts';
import type { Level } from './scope.ts';

/** What one right shows of a type: everything that fulfils all of what is here. At least one is. */
export interface Sight {
  /**
   * Ids: what lies in the compartments of these patients, and what is of a shared type and belongs to no patient.
   * Absent: anybody's.
   */
  readonly patients?: readonly string[];
  /** A FHIR search query on the type, in normal form: plain conditions, all of which must hold. Absent: any. */
  readonly query?: string;
}

/**
 * Which resources of a type a caller may see: every one, none, or what one of the sights shows (at least one). It is a
 * predicate of the query, never a filter on its answer.
 */
export type Visibility = 'all' | 'none' | readonly Sight[];

/** `action`: the interaction that needs the sight, `search-type` where it is a step of a search. */
export type Visible = (principal: Principal, type: string, action?: string) => Visibility;

/** To whose compartments a level is limited; undefined: to nobody's. The level is usable. */
function limitOf({ patient, within }: Principal, level: Level): readonly string[] | undefined {
  return patient === undefined || level === 'user' ? within : [patient];
}

const sightsOf = (patients: readonly string[] | undefined, queries: readonly string[] | undefined): Sight[] => {
  const limit = patients === undefined ? {} : { patients };
  return queries === undefined ? [limit] : queries.map((query) => ({ ...limit, query }));
};

/** Whether one sight shows all that another of the same type does. */
const isShown = ({ patients }: Sight, { patients: by, query }: Sight): boolean =>
  query === undefined && (by === undefined || patients?.every((one) => by.includes(one)) === true);

/** What another sight shows anyway is left out. */
function unionOf(sights: readonly Sight[]): Visibility {
  const kept: Sight[] = [];
  for (const one of sights) if (!kept.some((other) => isShown(one, other))) kept.push(one);
  return kept.length === 0 ? 'none' : kept;
}

export const createVisible =
  ({ decide, grantsOf, placeOf }: Judge): Visible =>
  (principal, type, action = 'search-type') => {
    if (!decide(principal, action, { type }).permit) return 'none';
    const place = placeOf(action);
    if (place === undefined) return 'none';
    const grants = grantsOf(principal.scopes);
    const sights: Sight[] = [];
    for (const level of levelsFor(principal)) {
      const cell = isUsable(principal, level) ? cellIn(grants[level], type, place) : undefined;
      if (cell === undefined) continue;
      const patients = limitOf(principal, level);
      if (patients === undefined && cell.queries === undefined) return 'all';
      sights.push(...sightsOf(patients, cell.queries));
    }
    return unionOf(sights);
  };
