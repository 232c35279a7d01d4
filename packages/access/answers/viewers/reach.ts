import type { Principal } from '@safeguard/http';
import type { Grants } from '../../grants.ts';
import { letters } from '../../interactions.ts';
import type { Candidate } from '../../policy/cells.ts';
import { cellIn, type SubjectRules } from '../../policy/compile-index.ts';
import type { CompiledRule } from '../../policy/compile-rules.ts';
import { isWithin } from '../../policy/gate.ts';
import { limitsOf } from '../../policy/limits.ts';
import type { RowFacts } from '../../policy/row.ts';
import { hasLabel, isExcepted } from '../../policy/shows.ts';
import { closedLabels, forbiddenBy } from '../../policy/sights.ts';
import { scopeSights } from '../../scope-gate.ts';
import type { Visibility } from '../../sight.ts';
import type { OpenStanding } from '../../standing/types.ts';
import { bitOf, type Rows } from './rows.ts';
import type { Mask, Shape, Way } from './types.ts';

/** Somebody of a shape, with one of a row's patients in context, and what their scopes show then. */
interface Pose {
  readonly principal: Principal;
  shown(type: string, place: number): Visibility;
}

export interface Posing {
  readonly tenant: number;
  readonly open: OpenStanding;
  readonly grantsOf: (scopes: readonly string[]) => Grants;
}

/** What of the patient's resources each rule is about, for one shape, whatever the occasion. */
export interface Reached {
  readonly permits: ReadonlyMap<CompiledRule, Mask>;
  readonly forbids: ReadonlyMap<CompiledRule, Mask>;
}

/** What a shape comes to. */
export interface Posed {
  readonly shape: Shape;
  readonly open: OpenStanding;
  posesFor(row: RowFacts): readonly Pose[];
}

function poseOf({ tenant, open, grantsOf }: Posing, shape: Shape, patient: string | undefined): Pose {
  const { kind, scopes, view, within, permissions } = shape;
  const principal: Principal = {
    ...{ tenant, kind, id: '', scopes, view },
    ...(within === undefined ? {} : { within }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(patient === undefined ? {} : { patient }),
    ...(kind === 'user' ? { assurance: { level: 2, at: open.at, methods: [] } } : {}),
  };
  const grants = grantsOf(scopes);
  const known = new Map<string, Visibility[]>();
  return {
    principal,
    shown(type, place) {
      const row = known.get(type) ?? [];
      known.set(type, row);
      row[place] ??= scopeSights(principal, grants, type, place);
      return row[place] as Visibility;
    },
  };
}

/** An app may have been opened with any patient in context that the person may choose. */
export function posedOf(posing: Posing, shape: Shape): Posed {
  const open: OpenStanding = { ...posing.open, careTeam: shape.careTeam, organizations: shape.organizations };
  const poses = new Map<string | undefined, Pose>();
  const poseWith = (patient: string | undefined): Pose => {
    const pose = poses.get(patient) ?? poseOf(posing, shape, patient);
    poses.set(patient, pose);
    return pose;
  };
  return {
    ...{ shape, open },
    posesFor(row) {
      if (shape.kind === 'client') return [poseWith(shape.patient)];
      const near = row.patients.filter((one) => shape.within?.includes(one) !== false);
      return near.length === 0 ? [poseWith(undefined)] : near.map(poseWith);
    },
  };
}

interface At {
  readonly row: RowFacts;
  readonly place: number;
}

function isPermitted({ posesFor, open }: Posed, candidate: Candidate, { row, place }: At): boolean {
  const { rule } = candidate;
  if (hasLabel(rule.none, row)) return false;
  return posesFor(row).some(({ principal, shown }) => {
    const closed = closedLabels(candidate, principal, open, place);
    if (hasLabel(closed, row)) return false;
    const sight = { ...limitsOf(candidate, principal, open), candidate, query: rule.query, closed, bound: true };
    return isWithin(sight, shown(row.type, place), row);
  });
}

/** What a person may reach is forbidden whatever patient is in context. */
function isForbidden({ posesFor, open }: Posed, candidate: Candidate, { row }: At): boolean {
  const [pose] = posesFor(row);
  const forbidden = pose && forbiddenBy(candidate, pose.principal, open);
  return forbidden !== undefined && isExcepted(forbidden.exception, row);
}

/** The types of rows that rules may be about. */
function typesOf({ named, open, shut }: SubjectRules, byType: Rows['byType']): Iterable<string> {
  const isWild = [...open, ...shut].some(({ permits, forbids }) => permits.length + forbids.length > 0);
  return isWild ? byType.keys() : [...named.keys()].filter((type) => byType.has(type));
}

/** Looks at the rules of one way, row by row. */
export function reachedBy(posed: Posed, { rules, holding }: Way, { byType }: Rows): Reached {
  const permits = new Map<CompiledRule, Mask>();
  const forbids = new Map<CompiledRule, Mask>();
  for (const type of typesOf(rules, byType)) {
    const near = byType.get(type) ?? [];
    for (const place of letters.split('').keys()) {
      const cell = cellIn(rules, type, place);
      const note = (into: Map<CompiledRule, Mask>, rule: CompiledRule, is: typeof isPermitted): void => {
        for (const { row, index } of near) {
          if (is(posed, { rule, holding }, { row, place }))
            into.set(rule, (into.get(rule) ?? 0n) | bitOf(index, place));
        }
      };
      for (const rule of cell.permits) note(permits, rule, isPermitted);
      for (const rule of cell.forbids) note(forbids, rule, isForbidden);
    }
  }
  return { permits, forbids };
}
