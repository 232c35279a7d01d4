import { type Family, families } from '../../content/types.ts';
import { dayWords, timeWords } from '../../policies/pdf/text.ts';
import type { StateName } from '../../posture/types.ts';
import { type Block, column, type Document, heading, table, text } from '../document/blocks.ts';
import type { Period } from '../period/period.ts';
import type { ReportsDeps } from '../types.ts';
import { checkBlocks, exceptionBlocks } from './checks.ts';
import { controlBlocks, documentBlocks, unexamined } from './controls.ts';
import { acknowledgedBlocks, decisionBlocks, policyBlocks, waiverBlocks } from './records.ts';
import { method, noCertificate, stateMeans, stateWords } from './words.ts';

export interface AuditInput {
  readonly id: string;
  readonly period: Period;
  /** Empty: all. */
  readonly families: readonly Family[];
  readonly made_at: number;
}

function summary({ end }: Period, scope: readonly Family[]): Block[] {
  const here = end.controls.filter(({ control }) => scope.includes(control.family));
  const counts = Map.groupBy(here, ({ state }) => state);
  const names = Object.keys(stateWords) as StateName[];
  const rows = names.map((name) => [stateWords[name], String(counts.get(name)?.length ?? 0), stateMeans[name]]);
  return [...table([column('State', 12), column('Controls', 8), column('Meaning', 80)], rows, '')];
}

const head = ({ id, period, made_at }: AuditInput, scope: readonly Family[], organization: string): Block[] => [
  heading(1, `Audit report: ${organization}`),
  text(
    `Period: ${timeWords(period.from)} to ${timeWords(period.until)}. Generated: ${timeWords(made_at)}. Report ${id}.`,
  ),
  text(noCertificate),
  heading(2, 'Scope and method'),
  text(
    scope.length === families.length
      ? 'Scope: every control of the programme.'
      : `Scope: the controls of these families: ${scope.join(', ')}.`,
  ),
  ...method.map(text),
];

function origin({ ran, evidence, end }: Period, digest: string): Block[] {
  const rows = [...ran].map(([version, count]) => [version, String(count)]);
  return [
    text(
      `${evidence} pieces of evidence were received in the period. The ` +
        `controls are those of the programme as it is now ` +
        `(SHA-256 ${digest}), judged by what was known at ${timeWords(end.at)}.`,
    ),
    ...table([column('What ran', 80), column('Pieces of evidence', 20)], rows, 'Nothing ran in the period.'),
    text(
      'The digest of this report stands in the platform’s log under its ' +
        'number. An evidence bundle of the same period ' +
        '(safeguard report bundle) holds every piece with its proof and can be verified elsewhere.',
    ),
  ];
}

/** The audit report as a document: what was looked at in the period, how, and what was found. */
export function auditDocument(
  { content, checks }: Pick<ReportsDeps, 'content' | 'checks'>,
  input: AuditInput,
): Document {
  const { period, made_at } = input;
  const { organization, digest } = content();
  const scope = input.families.length === 0 ? families : families.filter((one) => input.families.includes(one));
  const here = period.end.controls.filter(({ control }) => scope.includes(control.family));
  const within = new Set(here.flatMap(({ control }) => control.checks));
  const blocks = [
    ...head(input, scope, organization.name),
    ...[heading(2, 'Summary'), ...summary(period, scope)],
    ...[heading(2, 'Exceptions'), ...exceptionBlocks(period, within)],
    ...[heading(2, 'Controls'), ...controlBlocks(period, scope)],
    ...[heading(2, 'Checks'), ...checkBlocks(period, checks, within)],
    ...[heading(2, 'Decisions on addressable specifications'), ...decisionBlocks(period)],
    ...[heading(2, 'Waivers'), ...waiverBlocks(period)],
    ...[heading(2, 'Policies in force'), ...policyBlocks(period)],
    ...[heading(2, 'Acknowledgements'), ...acknowledgedBlocks(period)],
    ...[heading(2, 'What rests on documents'), ...documentBlocks(period, scope)],
    ...[heading(2, 'What was not examined'), ...unexamined(period, scope, within)],
    ...[heading(2, 'Origin'), ...origin(period, digest)],
  ];
  const title = `Audit report: ${organization.name}, ${dayWords(period.from)} to ${dayWords(period.until - 1)}`;
  return { title, made_at, blocks };
}
