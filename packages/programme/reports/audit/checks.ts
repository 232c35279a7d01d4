import { timeWords } from '../../policies/pdf/text.ts';
import { type Block, column, lasting, table, text } from '../document/blocks.ts';
import type { Period } from '../period/period.ts';
import type { Exception } from '../period/tally.ts';
import type { ReportsDeps } from '../types.ts';

const checkColumns = [
  column('Check', 18),
  column('What is asked', 34),
  column('Runs', 6),
  column('Met', 6),
  column('Unmet', 6),
  column('Unknown', 7),
  column('Time unmet', 11),
  column('Time without evidence', 12),
];

/** Every check, what it asks, and what it found how often. */
export function checkBlocks({ tallies }: Period, checks: ReportsDeps['checks'], within: ReadonlySet<string>): Block[] {
  const rows = [...tallies.values()]
    .filter(({ check }) => within.has(check))
    .map((one) => {
      const check = checks.get(one.check);
      const kind = check?.kind === 'reported' ? ' (reported)' : '';
      return [
        `${check?.title ?? 'A check that is no more'}${kind}\n${one.check}`,
        check?.query ?? '',
        ...[one.runs, one.met, one.unmet, one.unknown].map(String),
        lasting(one.unmet_ms),
        lasting(one.unknown_ms),
      ];
    });
  return [...table(checkColumns, rows, 'There is no check in the scope.')];
}

const exceptionColumns = [
  column('Check', 16),
  column('Found', 12),
  column('Repaired', 12),
  column('Lasted', 10),
  column('Cause, as it was seen first', 34),
  column('What to do about it', 24),
];

/** So many of one check are told one by one. */
const told_most = 40;

const rowOf = (one: Exception, from: number, until: number): string[] => [
  one.check,
  `${timeWords(one.began)}${one.began < from ? ' (before the period)' : ''}`,
  one.repaired === undefined ? 'not by the end of the period' : timeWords(one.repaired),
  lasting((one.repaired ?? until) - one.began),
  [one.cause, ...one.named.map((name) => `– ${name}`)].join('\n'),
  one.todo ?? '',
];

/** Every stretch of time in which a check was unmet, with its cause and its end. */
export function exceptionBlocks({ tallies, from, until }: Period, within: ReadonlySet<string>): Block[] {
  const concerned = [...tallies.values()].filter(({ check }) => within.has(check));
  const shown = concerned.flatMap(({ exceptions }) => exceptions.slice(-told_most));
  const left = concerned.filter(({ exceptions }) => exceptions.length > told_most);
  const rows = shown.sort((one, other) => one.began - other.began).map((one) => rowOf(one, from, until));
  return [
    ...table(exceptionColumns, rows, 'No check in the scope found anything unmet in the period.'),
    ...left.map(({ check, exceptions }) =>
      text(`${check}: ${exceptions.length} exceptions, of which the last ${told_most} are listed.`),
    ),
  ];
}
