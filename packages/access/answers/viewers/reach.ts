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
import { closedLabels, forbiddenBy, type PolicySight } from '../../policy/sights.ts';
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

type Test = (row: RowFacts) => boolean;

/** What a permit lets through by a letter; worked out once for all rows with the same patient in context. */
function permitted({ posesFor, open }: Posed, candidate: Candidate, type: string, place: number): Test {
  const { rule } = candidate;
  const known = new Map<Pose, PolicySight>();
  const sightOf = (pose: Pose): PolicySight => {
    const before = known.get(pose);
    if (before !== undefined) return before;
    const { principal } = pose;
    const closed = closedLabels(candidate, principal, open, place);
    const limits = limitsOf(candidate, principal, open);
    const made = { ...limits, candidate, query: rule.query, closed, bound: true };
    known.set(pose, made);
    return made;
  };
  return (row) =>
    !hasLabel(rule.none, row) &&
    posesFor(row).some((pose) => {
      const sight = sightOf(pose);
      return !hasLabel(sight.closed, row) && isWithin(sight, pose.shown(type, place), row);
    });
}

/** What a rule forbids a person it forbids whatever patient is in context. */
function forbidden({ posesFor, open }: Posed, candidate: Candidate, [first]: readonly { row: RowFacts }[]): Test {
  const [pose] = first === undefined ? [] : posesFor(first.row);
  const hidden = pose && forbiddenBy(candidate, pose.principal, open);
  return (row) => hidden !== undefined && isExcepted(hidden.exception, row);
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
      const note = (into: Map<CompiledRule, Mask>, rule: CompiledRule, test: Test): void => {
        let mask = into.get(rule) ?? 0n;
        for (const { row, index } of near) if (test(row)) mask |= bitOf(index, place);
        if (mask !== 0n) into.set(rule, mask);
      };
      for (const rule of cell.permits) note(permits, rule, permitted(posed, { rule, holding }, type, place));
      for (const rule of cell.forbids) note(forbids, rule, forbidden(posed, { rule, holding }, near));
    }
  }
  return { permits, forbids };
}
