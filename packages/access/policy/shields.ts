import type { Principal } from '@safeguard/http';
import type { Shield } from '../sight.ts';
import type { CompiledRule } from './compile-rules.ts';
import type { RowFacts } from './row.ts';
import { hasLabel, isOf } from './shows.ts';
import type { PolicySight, Reach } from './sights.ts';

/** `Patient.telecom` → `telecom`, of the paths of a type. */
const ofType = (paths: readonly string[] | undefined, type: string): string[] =>
  (paths ?? []).filter((path) => path.startsWith(`${type}.`)).map((path) => path.slice(type.length + 1));

const isPart = (path: string, whole: string): boolean => path === whole || path.startsWith(`${whole}.`);

/** Of two lists of paths what both cover: of a path and its part the part. */
const both = (one: readonly string[], other: readonly string[]): string[] => [
  ...new Set([
    ...one.filter((path) => other.some((whole) => isPart(path, whole))),
    ...other.filter((path) => one.some((whole) => isPart(path, whole))),
  ]),
];

/** What every one of some rules covers. */
function byAll(rules: readonly CompiledRule[], pathsOf: (rule: CompiledRule) => readonly string[]): string[] {
  const [first, ...more] = rules.map(pathsOf);
  return more.reduce((all: readonly string[], one) => both(all, one), first ?? []).toSorted();
}

/** Whether the permit is one of those that let the row through, as far as it asks something of the row. */
const isFor = (sight: PolicySight, row: RowFacts): boolean =>
  isOf(sight, row) &&
  !hasLabel(sight.closed, row) &&
  !hasLabel(sight.candidate.rule.none, row) &&
  (sight.query === undefined || row.fulfils(sight.query));

/** What one rule at least covers. */
const byAny = (rules: readonly CompiledRule[], pathsOf: (rule: CompiledRule) => readonly string[]): string[] =>
  [...new Set(rules.flatMap(pathsOf))].toSorted();

/**
 * What every permit of a type and a letter hides, or keeps from being changed: an element is open as soon as one of
 * them leaves it open. With a row: of the permits that are for that row. `any`: what one of the permits hides or keeps,
 * for who must not tell of any row more than the permit for that row would.
 */
export function shieldOf(reach: Reach, type: string, row?: RowFacts | 'any'): Shield | undefined {
  if (row !== undefined && row !== 'any') return shieldIn(reach, type, row);
  const kept = known.get(reach) ?? {};
  if (!known.has(reach)) known.set(reach, kept);
  const how = row ?? 'all';
  kept[how] ??= shieldIn(reach, type, row) ?? 'none';
  return kept[how] === 'none' ? undefined : kept[how];
}

/** Of a reach, which is of one type, what does not depend on a row: found out once. */
const known = new WeakMap<Reach, { any?: Shield | 'none'; all?: Shield | 'none' }>();

function shieldIn({ sights }: Reach, type: string, row: RowFacts | 'any' | undefined): Shield | undefined {
  const meant = row === undefined || row === 'any' ? sights : sights.filter((one) => isFor(one, row));
  const rules = [...new Set(meant.map(({ candidate }) => candidate.rule))];
  const by = row === 'any' ? byAny : byAll;
  const hide = by(rules, ({ source }) => ofType(source.hide, type));
  const kept = by(rules, ({ source }) => ofType([...(source.hide ?? []), ...(source.readonly ?? [])], type));
  const readonly = kept.filter((path) => !hide.includes(path));
  return hide.length === 0 && readonly.length === 0 ? undefined : { hide, readonly };
}

/**
 * `action`: the interaction. Undefined: everything of the type is shown and may be changed. With `row` the answer is
 * exact; without it, it is that of all permits for rows of the type together; with `any` what one of them hides.
 */
export type Shielding = (
  principal: Principal,
  type: string,
  action?: string,
  row?: RowFacts | 'any',
) => Shield | undefined;
