import type { CheckState, ControlState, StateName } from '../posture/types.ts';
import type { PublicState, Standing, Unmet } from './types.ts';

/** The weakest first. */
const weakest: readonly StateName[] = ['unmet', 'unknown', 'undocumented', 'documented', 'met', 'not-applicable'];

/** What does not hold, as far as anybody can tell. */
const lacking: ReadonlySet<StateName> = new Set(['unmet', 'unknown', 'undocumented']);

/** The worst of several; of nothing, nothing is known. */
export const worstOf = (states: readonly StateName[]): StateName =>
  weakest.find((state) => states.includes(state)) ?? 'unknown';

/** What the public is told of a state. */
export const publicOf = (state: StateName, unmet: Unmet): PublicState =>
  unmet === 'counted' && lacking.has(state) ? 'unpublished' : state;

const once = (checks: readonly CheckState[]): CheckState[] => [
  ...new Map(checks.map((one) => [one.check, one])).values(),
];

/** A state with how it is examined; `met` without a check that ran cannot be, and is unknown then. */
export function standingOf(given: StateName, all: readonly CheckState[], unmet: Unmet): Standing {
  const checks = once(all);
  const ran = checks.flatMap(({ evidence }) => evidence?.evidence ?? []);
  const times = ran.map(({ at }) => at);
  const state = publicOf(given === 'met' && ran.length < Math.max(1, checks.length) ? 'unknown' : given, unmet);
  if (state === 'unpublished') return { state };
  if (state === 'not-applicable' || checks.length === 0) return { state, checks: checks.length };
  const told = { state, checks: checks.length, reported: ran.filter(({ how }) => how === 'reported').length };
  if (times.length === 0) return told;
  return state === 'met' ? { ...told, since: Math.min(...times) } : { ...told, last: Math.max(...times) };
}

/** By id, every check that a posture tells of. */
export const checksIn = (controls: readonly ControlState[]): ReadonlyMap<string, CheckState> =>
  new Map(controls.flatMap(({ checks }) => checks.map((one) => [one.check, one] as const)));

/** The checks that a control's state comes of: its own and those of its specifications, as far as they apply. */
export function examining(
  state: ControlState | undefined,
  states: ReadonlyMap<string, ControlState>,
): readonly CheckState[] {
  if (state === undefined || state.state === 'not-applicable') return [];
  const below = state.specifications.flatMap(({ id }) => states.get(id) ?? []);
  return [state, ...below.filter((one) => one.state !== 'not-applicable')].flatMap(({ checks }) => checks);
}
