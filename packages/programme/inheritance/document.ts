import type { Html } from '@safeguard/http';
import { families } from '../content/types.ts';
import { dayWords, timeWords } from '../policies/pdf/text.ts';
import { familyTitles } from '../reports/audit/controls.ts';
import { levelMark, noCertificate, stateWords } from '../reports/audit/words.ts';
import { type Block, column, type Document, heading, table, text } from '../reports/document/blocks.ts';
import { fragmentHtml } from '../reports/document/html.ts';
import { documentPdf } from '../reports/document/pdf.ts';
import type { Inheritance, InheritedControl, Inheriting, SeenCheck } from './types.ts';

const inheritingWords: Readonly<Record<Inheriting, string>> = {
  inherited: 'inherited',
  shared: 'shared',
  yours: 'yours',
  'not-applicable': 'not applicable',
};

const seenWords = ({ title, state, evidence }: SeenCheck): string =>
  evidence === undefined
    ? `${title}: no evidence yet`
    : `${title}: ${state}, ${evidence.examined} examined, ${timeWords(evidence.received_at)}`;

function platformWords({ platform }: InheritedControl): string {
  if (platform === undefined) return 'The platform carries none of it.';
  const held = platform.state === 'not-applicable' || platform.holds ? '' : 'DOES NOT HOLD NOW. ';
  return [`${held}${stateWords[platform.state]}: ${platform.because}`, ...platform.checks.map(seenWords)].join('\n');
}

const rowOf = (one: InheritedControl): string[] => [
  `${one.citation}${levelMark(one)}\n${one.title}`,
  inheritingWords[one.inheriting],
  platformWords(one),
  one.yours.join('\n') || (one.inheriting === 'inherited' ? 'Nothing.' : ''),
];

const columns = [
  column('Control', 22),
  column('Carried', 9),
  column('The platform’s part, now', 39),
  column('What is left to you', 30),
];

function head({ at, organization, customer, counts, platform }: Inheritance): Block[] {
  const services = customer.services.length === 0 ? 'none' : customer.services.join(', ');
  return [
    text(`As of ${timeWords(at)}. Platform of: ${organization}.`),
    text(`Product lines: ${customer.lines.join(', ')}. Opted services: ${services}.`),
    text(
      `${counts.inherited} controls are inherited, ${counts.shared} shared, ${counts.yours} yours, ` +
        `${counts['not-applicable']} not applicable. Of what the platform carries, ${platform.holds} hold now, ` +
        `${platform.fails} do not, and of ${platform.unknown} it is not known.`,
    ),
    text('Inherited says who carries a control; whether it holds is said beside it, from evidence, and changes.'),
    text(noCertificate),
  ];
}

/** All of it, without the title. */
export const inheritanceBlocks = (inheritance: Inheritance): Block[] => [
  ...head(inheritance),
  ...families.flatMap((family) => {
    const rows = inheritance.controls.filter((one) => one.family === family).map(rowOf);
    return rows.length === 0 ? [] : [heading(2, familyTitles[family]), ...table(columns, rows, '')];
  }),
];

/** For a page: what stands below its title. */
export const inheritanceHtml = (inheritance: Inheritance): Html =>
  fragmentHtml({ blocks: inheritanceBlocks(inheritance) });

/** As a tagged PDF. */
export function inheritancePdf(inheritance: Inheritance): Promise<Buffer> {
  const name = `Inherited controls, ${dayWords(inheritance.at)}`;
  const blocks = [heading(1, name), ...inheritanceBlocks(inheritance)];
  return documentPdf({ title: name, made_at: inheritance.at, blocks } satisfies Document);
}
