import type { Fields } from './json.ts';
import { fields, list, moment, number, text, texts } from './json.ts';

/**
 * How a control's state follows from evidence, decisions and policies: written anew here, from the description in the
 * bundle's README, so that an error of the platform's own code does not hide in this one.
 */

export type State = 'met' | 'unmet' | 'unknown' | 'documented' | 'undocumented' | 'not-applicable';

interface Run {
  readonly at: number;
  readonly id: string;
  readonly result: string;
  readonly examined: number;
}

export interface Known {
  readonly at: number;
  readonly conditions: ReadonlySet<string>;
  /** Seconds between two runs, by check. */
  readonly every_s: ReadonlyMap<string, number>;
  /** Of each check the newest evidence received at or before `at`. */
  readonly newest: ReadonlyMap<string, Run>;
  /** What was decided last, by control. */
  readonly decided: ReadonlyMap<string, string>;
  /** Policies of which a version was in force. */
  readonly published: ReadonlySet<string>;
}

export interface Control {
  readonly id: string;
  readonly standard: string | undefined;
  readonly level: string;
  readonly checks: readonly string[];
  readonly policies: readonly string[];
  readonly when: string | undefined;
}

export function controlOf(where: string, value: unknown): Control {
  const one = fields(where, value);
  return {
    id: text(where, one['id']),
    standard: one['standard'] === undefined ? undefined : text(where, one['standard']),
    level: text(where, one['level']),
    checks: texts(where, one['checks']),
    policies: texts(where, one['policies']).map((section) => section.split('#')[0] ?? ''),
    when: one['applies'] === undefined ? undefined : text(where, fields(where, one['applies'])['when']),
  };
}

export const runOf = (where: string, one: Fields): Run & { readonly check: string } => ({
  check: text(where, one['check']),
  id: text(where, one['id']),
  at: number(where, one['at']),
  result: text(where, one['result']),
  examined: number(where, one['examined']),
});

/** The newest decision on each control at a moment. */
export function decidedAt(where: string, value: unknown, at: number): Map<string, string> {
  const newest = new Map<string, { readonly at: number; readonly kind: string }>();
  for (const one of list(where, value).map((each) => fields(where, each))) {
    const made = moment(where, one['at']);
    const control = text(where, one['control']);
    if (made > at || made < (newest.get(control)?.at ?? 0)) continue;
    newest.set(control, { at: made, kind: text(where, one['kind']) });
  }
  return new Map([...newest].map(([control, { kind }]) => [control, kind]));
}

function checkState({ at, every_s, newest }: Known, check: string): 'met' | 'unmet' | 'unknown' {
  const [every, run] = [every_s.get(check), newest.get(check)];
  if (every === undefined || run === undefined || at > run.at + 2 * every * 1000) return 'unknown';
  if (run.result === 'unmet') return 'unmet';
  return run.result === 'met' && run.examined > 0 ? 'met' : 'unknown';
}

function ownState(control: Control, standard: Control | undefined, known: Known): State {
  const conditions = [control.when, standard?.when].filter((when) => when !== undefined);
  if (conditions.some((when) => !known.conditions.has(when))) return 'not-applicable';
  const decided = control.level === 'addressable' ? known.decided.get(control.id) : 'implemented';
  if (decided === undefined) return 'unmet';
  if (decided === 'not-reasonable') return 'not-applicable';
  const states = control.checks.map((check) => checkState(known, check));
  if (states.length > 0) return (['unmet', 'unknown'] as const).find((state) => states.includes(state)) ?? 'met';
  const inForce = control.policies.length > 0 && control.policies.every((policy) => known.published.has(policy));
  return inForce ? 'documented' : 'undocumented';
}

const weakest: readonly State[] = ['unmet', 'unknown', 'undocumented', 'documented', 'met', 'not-applicable'];

/**
 * A standard is as good as the weakest of what it consists of: its specifications that apply, and itself, unless it
 * rests on documents alone. Where none of them applies it stands for itself.
 */
function rolledUp(own: State, hasChecks: boolean, below: readonly State[]): State {
  const applying = below.filter((state) => state !== 'not-applicable');
  if (own === 'not-applicable' || applying.length === 0) return own;
  const parts: readonly State[] = !hasChecks && own === 'documented' ? applying : [own, ...applying];
  return weakest.find((state) => parts.includes(state)) ?? own;
}

export function statesOf(controls: readonly Control[], known: Known): Map<string, State> {
  const byId = new Map(controls.map((control) => [control.id, control]));
  const own = new Map(controls.map((one) => [one.id, ownState(one, byId.get(one.standard ?? ''), known)]));
  return new Map(
    controls.map(({ id, checks }) => {
      const below = controls.filter(({ standard }) => standard === id).map((one) => own.get(one.id) ?? 'unknown');
      return [id, rolledUp(own.get(id) ?? 'unknown', checks.length > 0, below)];
    }),
  );
}
