import { type Family, families } from '../../content/types.ts';
import type { ControlState } from '../../posture/types.ts';
import { type Block, column, heading, lasting, table, text } from '../document/blocks.ts';
import type { Period } from '../period/period.ts';
import { unmetTime } from '../period/tally.ts';
import { levelMark, stateWords } from './words.ts';

export const familyTitles: Readonly<Record<Family, string>> = {
  general: 'General rules (45 CFR 164.306)',
  administrative: 'Administrative safeguards (45 CFR 164.308)',
  physical: 'Physical safeguards (45 CFR 164.310)',
  technical: 'Technical safeguards (45 CFR 164.312)',
  organizational: 'Organizational requirements (45 CFR 164.314)',
  documentation: 'Policies, procedures and documentation (45 CFR 164.316)',
  breach: 'Breach notification (45 CFR 164.400–414)',
  privacy: 'Privacy Rule, as far as a business associate carries it',
};

const columns = [
  column('Control', 22),
  column('State at the end', 10),
  column('Why', 30),
  column('Evidence in the period', 24),
  column('Unmet in the period', 14),
];

/** Runs of the checks of a control, one line each. */
function evidenceWords({ control }: ControlState, { tallies, end }: Period): string {
  if (control.checks.length === 0) {
    const below = end.controls.some((one) => one.control.standard === control.id);
    return below ? 'By its specifications.' : `None: rests on ${control.policies.join(', ') || 'nothing'}.`;
  }
  const lines = control.checks.map((id) => {
    const one = tallies.get(id);
    if (one === undefined || one.runs === 0) return `${id}: no run`;
    return `${id}: ${one.runs} runs, ${one.met} met, ${one.unmet} unmet, ${one.unknown} unknown`;
  });
  return lines.join('\n');
}

function unmetWords({ control }: ControlState, period: Period): string {
  if (control.checks.length === 0) return '';
  const exceptions = control.checks.flatMap((id) => period.tallies.get(id)?.exceptions ?? []);
  const ms = unmetTime(exceptions, period);
  return ms === 0 ? 'none' : `${lasting(ms)} (${exceptions.length})`;
}

const rowOf = (one: ControlState, period: Period): string[] => [
  `${one.control.citation}${levelMark(one.control)}\n${one.control.title}`,
  one.waiver === undefined ? stateWords[one.state] : `${stateWords[one.state]}, waived`,
  one.because,
  evidenceWords(one, period),
  unmetWords(one, period),
];

/** Every control of these families, in the order of the regulation. */
export const controlBlocks = (period: Period, scope: readonly Family[]): Block[] =>
  families
    .filter((family) => scope.includes(family))
    .flatMap((family) => {
      const all = period.end.controls.filter(({ control }) => control.family === family);
      const rows = all.map((one) => rowOf(one, period));
      return [
        heading(3, familyTitles[family]),
        ...table(columns, rows, 'The programme has no control of this family.'),
      ];
    });

/** What the report could not say anything about, in sentences. */
export function unexamined(period: Period, scope: readonly Family[], checks: ReadonlySet<string>): Block[] {
  const here = period.end.controls.filter(({ control }) => scope.includes(control.family));
  const unknown = here.filter(({ state }) => state === 'unknown').map(({ control }) => control.citation);
  const silent = [...checks].filter((id) => (period.tallies.get(id)?.runs ?? 0) === 0);
  const outside = families.filter((family) => !scope.includes(family));
  const said = [
    outside.length > 0 ? `Families outside the scope: ${outside.join(', ')}.` : '',
    unknown.length > 0 ? `Controls whose state could not be told at the end: ${unknown.join('; ')}.` : '',
    silent.length > 0 ? `Checks that left no evidence in the period: ${silent.join(', ')}.` : '',
    period.end.forged.length > 0
      ? `${period.end.forged.length} rows of evidence that the log does not bear out: the database was tampered with.`
      : '',
    'Systems, people and paper beside this platform were not looked at, ' +
      'nor was whether what people declared in tasks, ' +
      'decisions and acknowledgements is true.',
  ];
  return said.filter((one) => one !== '').map(text);
}

/** Controls that no machine proves. */
export function documentBlocks({ end }: Period, scope: readonly Family[]): Block[] {
  const rows = end.controls
    .filter(({ control, state }) => scope.includes(control.family) && /documented$/.test(state))
    .map(({ control, state, because }) => [
      `${control.citation} ${control.title}`,
      stateWords[state],
      control.policies.join(', '),
      because,
    ]);
  const heads = [column('Control', 30), column('State', 10), column('Policies', 30), column('Why', 30)];
  return [...table(heads, rows, 'Nothing in the scope rests on documents alone.')];
}
