import type { Principal } from '@safeguard/http';
import type { Grants } from '../../grants.ts';
import { letters } from '../../interactions.ts';
import type { Candidate } from '../../policy/cells.ts';
import type { CompiledRule } from '../../policy/compile-rules.ts';
import { isWithin } from '../../policy/gate.ts';
import { limitsOf } from '../../policy/limits.ts';
import type { RowFacts } from '../../policy/row.ts';
import { hasLabel, isExcepted } from '../../policy/shows.ts';
import { closedLabels, forbiddenBy, type PolicySight } from '../../policy/sights.ts';
import { placeOf } from '../../scope.ts';
import { scopeSights } from '../../scope-gate.ts';
import type { Visibility } from '../../sight.ts';
import type { OpenStanding } from '../../standing/types.ts';
import { placedOn, typesOf } from './placed.ts';
import { maskOf, type Near, type Rows } from './rows.ts';
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
  const known = new Map<RowFacts, readonly Pose[]>();
  const poseWith = (patient: string | undefined): Pose => {
    const pose = poses.get(patient) ?? poseOf(posing, shape, patient);
    poses.set(patient, pose);
    return pose;
  };
  function find({ patients }: RowFacts): Pose[] {
    if (shape.kind === 'client') return [poseWith(shape.patient)];
    const near = patients.filter((one) => shape.within?.includes(one) !== false);
    return near.length === 0 ? [poseWith(undefined)] : near.map(poseWith);
  }
  return {
    ...{ shape, open },
    posesFor(row) {
      const before = known.get(row);
      if (before !== undefined) return before;
      const made = find(row);
      known.set(row, made);
      return made;
    },
  };
}

/** Of the letters with these places (a bit each) those by which a row is reached. */
type Test = (row: RowFacts, places: number) => number;

const creating = 1 << placeOf('c');

/** By which letters scopes and one permit have a row in common, with one patient in context. */
function sharedBy(sight: PolicySight, { shown }: Pose, row: RowFacts, places: number): number {
  let through = 0;
  let last: Visibility | undefined;
  let isShared = false;
  for (let place = 0; place < letters.length; place += 1) {
    if (((places >> place) & 1) === 0) continue;
    const visible = shown(row.type, place);
    if (visible !== last) isShared = isWithin(sight, visible, row);
    last = visible;
    if (isShared) through |= 1 << place;
  }
  return through;
}

/** What a permit lets through; its limits are worked out once for all rows with the same patient in context. */
function permitted({ posesFor, open }: Posed, candidate: Candidate): Test {
  const { rule } = candidate;
  const known = new Map<Pose, PolicySight>();
  const sightOf = (pose: Pose): PolicySight => {
    const before = known.get(pose);
    if (before !== undefined) return before;
    const { principal } = pose;
    const closed = closedLabels(candidate, principal, open, placeOf('r'));
    const limits = limitsOf(candidate, principal, open);
    const made = { ...limits, candidate, query: rule.query, closed, bound: true };
    known.set(pose, made);
    return made;
  };
  return (row, places) => {
    if (hasLabel(rule.none, row)) return 0;
    let through = 0;
    for (const pose of posesFor(row)) {
      const sight = sightOf(pose);
      const open = hasLabel(sight.closed, row) ? places & creating : places;
      through |= sharedBy(sight, pose, row, open & ~through);
    }
    return through;
  };
}

/** What a rule forbids a person it forbids whatever patient is in context, by every letter. */
function forbidden({ posesFor, open }: Posed, candidate: Candidate, [first]: Near): Test {
  const [pose] = first === undefined ? [] : posesFor(first.row);
  const hidden = pose && forbiddenBy(candidate, pose.principal, open);
  return (row, places) => (hidden !== undefined && isExcepted(hidden.exception, row) ? places : 0);
}

/** Looks at the rules of one way, row by row. */
export function reachedBy(posed: Posed, { rules, holding }: Way, { byType }: Rows): Reached {
  const permits = new Map<CompiledRule, Mask>();
  const forbids = new Map<CompiledRule, Mask>();
  const note = (into: Map<CompiledRule, Mask>, rule: CompiledRule, mask: Mask): void => {
    if (mask === 0n) return;
    const before = into.get(rule);
    into.set(rule, before === undefined ? mask : before | mask);
  };
  for (const type of typesOf(rules, byType)) {
    const near = byType.get(type);
    if (near === undefined) continue;
    for (const { rule, places } of placedOn(rules, type)) {
      const candidate = { rule, holding };
      const test = rule.permit ? permitted(posed, candidate) : forbidden(posed, candidate, near);
      note(
        rule.permit ? permits : forbids,
        rule,
        maskOf(near, (row) => test(row, places)),
      );
    }
  }
  return { permits, forbids };
}
