import { dayWords, timeWords } from '../../policies/pdf/text.ts';
import { type Block, column, table, text } from '../document/blocks.ts';
import { inForce, type Period } from '../period/period.ts';

const peopleOf = (ids: readonly string[]): string => ids.join(', ') || 'nobody';

/** Decisions on addressable specifications (45 CFR 164.306(d)(3)). */
export function decisionBlocks({ decisions }: Period): Block[] {
  const columns = [
    column('Control', 14),
    column('Decision', 12),
    column('In force from', 11),
    column('Proposed by', 13),
    column('Approved by', 14),
    column('Why', 36),
  ];
  const rows = decisions.map(({ control, kind, at, by, approved_by, why }) => [
    ...[control, kind, timeWords(at), by, peopleOf(approved_by), why],
  ]);
  return [...table(columns, rows, 'No decision is recorded.')];
}

export function waiverBlocks({ waivers }: Period): Block[] {
  const columns = [
    column('Control', 14),
    column('Answers for it', 16),
    column('From', 11),
    column('Until', 11),
    column('Approved by', 16),
    column('Why', 32),
  ];
  const rows = waivers.map(({ control, owner, from, until, ended_at, approved_by, why }) => [
    ...[control, owner, timeWords(from)],
    ended_at === undefined ? timeWords(until) : `${timeWords(until)}, ended ${timeWords(ended_at)}`,
    ...[peopleOf(approved_by), why],
  ]);
  return [
    text('A waiver changes no state: it says who answers for what is unmet, and until when.'),
    ...table(columns, rows, 'No waiver ran in the period.'),
  ];
}

export function policyBlocks(period: Period): Block[] {
  const columns = [
    column('Policy', 26),
    column('Version', 7),
    column('In force since', 12),
    column('Approved by', 22),
    column('Review due', 10),
    column('SHA-256 of its text', 30),
  ];
  const rows = inForce(period).map(({ policy, title, number, published_at, approved_by, review_due_at, digest }) => [
    ...[`${title} (${policy})`, String(number)],
    published_at === undefined ? '' : timeWords(published_at),
    peopleOf(approved_by),
    review_due_at === undefined ? '' : dayWords(review_due_at),
    digest,
  ]);
  return [...table(columns, rows, 'No policy was in force.')];
}

/** How far people are with reading what is in force, at the time of the report. */
export function acknowledgedBlocks({ acknowledged }: Period): Block[] {
  const people = acknowledged.length;
  if (people === 0) return [text('The workforce has no active accounts: nobody has to acknowledge anything.')];
  const whole = acknowledged.filter(({ owed }) => owed === 0).length;
  const owed = acknowledged.reduce((sum, one) => sum + one.owed, 0);
  const percent = Math.floor((whole / people) * 100);
  return [
    text(
      `When this report was made, ${whole} of ${people} people of the ` +
        `workforce (${percent} %) had acknowledged every ` +
        `policy in force that concerns them; ${owed} acknowledgements were owed by the others.`,
    ),
  ];
}
