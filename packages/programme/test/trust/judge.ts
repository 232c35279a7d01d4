import type { Posture, StateName } from '../../index.ts';
import type { Unmet } from '../../trust/types.ts';
import { all, bearing, type Element, parse } from './tree.ts';
import { content } from './world.ts';

const rank: readonly StateName[] = ['unmet', 'unknown', 'undocumented', 'documented', 'met', 'not-applicable'];
const worst = (states: readonly StateName[]): StateName => rank.find((one) => states.includes(one)) ?? 'unknown';

/** The states that an element shows: of a row one. */
const shown = (of: Element): string[] => all(of).flatMap(({ attributes }) => attributes['data-state'] ?? []);

const told = (state: StateName, unmet: Unmet): string =>
  unmet === 'counted' && ['unmet', 'unknown', 'undocumented'].includes(state) ? 'unpublished' : state;

/** What a need has to be, reckoned here once more and not by the code that is judged. */
function needsOf(posture: Posture): Map<string, StateName> {
  const states = new Map(posture.controls.map(({ control, state }) => [control.id, state]));
  const checks = new Map(
    posture.controls.flatMap((one) => one.checks.map(({ check, state }) => [check, state] as const)),
  );
  return new Map(
    content.needs.map((need) => [
      need.id,
      worst([
        ...need.controls.map((id) => states.get(id) ?? 'unknown'),
        ...need.checks.map((id) => checks.get(id) ?? 'unknown'),
      ]),
    ]),
  );
}

/** What a page says of controls and needs that the posture does not: one line each. */
export function liesIn(markup: string, posture: Posture, unmet: Unmet): string[] {
  const page = parse(markup);
  const rows = bearing(page, 'data-control');
  const needs = bearing(page, 'data-need');
  const wrong = (name: string, row: Element | undefined, state: StateName): string[] => {
    const states = row === undefined ? ['nothing'] : shown(row);
    return states.join() === told(state, unmet) ? [] : [`${name}: ${state} is shown as ${states.join()}`];
  };
  const count = (state: string): number => posture.controls.filter((one) => told(one.state, unmet) === state).length;
  return [
    ...posture.controls.flatMap(({ control, state }) => wrong(control.id, rows.get(control.id), state)),
    ...[...needsOf(posture)].flatMap(([id, state]) => wrong(id, needs.get(id), state)),
    ...[...bearing(page, 'data-count')].flatMap(([state, of]) => {
      const number = all(of).find(({ attributes }) => attributes['class'] === 'number')?.children[0];
      return Number(number) === count(state) ? [] : [`${state}: ${number} are counted, and there are ${count(state)}`];
    }),
  ];
}
