import PDFDocument from 'pdfkit';
import type { Accounting } from './accounting.ts';
import { type Column, drawTable } from './pdf-table.ts';
import type { AccessRow } from './rows.ts';
import { dayWords, disclosureWords, purposeOf, timeWords, whatWords, whoWords } from './words.ts';

type Document = InstanceType<typeof PDFDocument>;

const title = 'Accounting of accesses and disclosures';

const columns: readonly Column[] = [
  { title: 'When (UTC)', share: 11 },
  { title: 'Who', share: 18 },
  { title: 'Purpose', share: 12 },
  { title: 'What', share: 26 },
  { title: 'Disclosure under 45 CFR 164.528', share: 33 },
];

/** The standard fonts of PDF know the letters of Windows-1252 alone; of others the one below the accent is kept. */
const plain = (text: string): string =>
  text.normalize('NFC').replace(/[^\u0020-\u007e\u00a0-\u00ff–—‘’“”…]/gu, (letter) => {
    const base = letter.normalize('NFKD').replace(/\p{M}/gu, '');
    return /^[\u0020-\u007e\u00a0-\u00ff]+$/u.test(base) ? base : '?';
  });

const cellsOf = (row: AccessRow): string[] =>
  [timeWords(row.at).slice(0, -4), whoWords(row), purposeOf(row), whatWords(row), disclosureWords(row)].map(plain);

function headOf({ patient, from, to, generated_at, rows, cut }: Accounting): string[] {
  const counted = rows.filter(({ disclosure }) => disclosure.counts).length;
  return [
    `Patient: ${patient}`,
    `Period: ${dayWords(from)} to ${dayWords(to - 1)}. Generated: ${timeWords(generated_at)}.`,
    `Accesses: ${rows.length}${cut ? ' (the newest of more: ask for a shorter period)' : ''}. ` +
      `Of these, disclosures to be accounted for, or to be judged: ${counted}.`,
    'All accesses are listed. The last column says which of them 45 CFR 164.528 asks to be accounted for; treatment, ' +
      'payment, health care operations, and disclosures to the individual are exempt there. Disclosures made on ' +
      'paper, by telephone or by other systems are not known here.',
  ];
}

function footOf({ checkpoints }: Accounting): string[] {
  const logs = checkpoints.map(
    ({ origin, size, root }) => `${origin}: ${size} entries, root ${root.toString('base64')}`,
  );
  return [
    'Each line stands in a tamper-evident log. It was signed at these checkpoints, against which the entries can be ' +
      'verified (safeguard ledger verify):',
    ...(logs.length === 0 ? ['The log is empty.'] : logs),
  ];
}

function open(accounting: Accounting): Document {
  const made = new Date(accounting.generated_at);
  return new PDFDocument({
    size: 'LETTER',
    layout: 'landscape',
    margins: { top: 40, bottom: 50, left: 40, right: 40 },
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: 'en-US',
    bufferPages: true,
    info: { Title: title, Author: 'Safeguard', CreationDate: made, ModDate: made },
  });
}

function paragraphs(doc: Document, parent: PDFKit.PDFStructureElement, texts: readonly string[], role = 'P'): void {
  for (const text of texts) {
    const heading = role !== 'P';
    parent.add(
      doc.struct(role, {}, () => {
        doc
          .font(heading ? 'Helvetica-Bold' : 'Helvetica')
          .fontSize(heading ? 16 : 9)
          .text(plain(text));
      }),
    );
    doc.moveDown(0.3);
  }
}

/** Number and time on every page; no part of what is read aloud. */
function number(doc: Document, { generated_at }: Accounting): void {
  const { start, count } = doc.bufferedPageRange();
  for (let at = start; at < start + count; at += 1) {
    doc.switchToPage(at);
    const { width, height, margins } = doc.page;
    // Below the margin, where text would begin a new page.
    doc.page.margins = { ...margins, bottom: 0 };
    doc.markContent('Artifact', { type: 'Pagination' });
    const text = `${title} – generated ${timeWords(generated_at)} – page ${at + 1} of ${count}`;
    const place = { width: width - margins.left - margins.right, align: 'center', lineBreak: false } as const;
    doc
      .font('Helvetica')
      .fontSize(8)
      .text(text, margins.left, height - 34, place);
    doc.endMarkedContent();
    doc.page.margins = margins;
  }
}

const bytesOf = (doc: Document): Promise<Buffer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  doc.on('end', () => resolve(Buffer.concat(chunks)));
  doc.on('error', reject);
  return promise;
};

/**
 * An accounting as a tagged PDF: title, language, headings, a table with header cells. Not PDF/UA: the fonts are not
 * embedded.
 */
export async function accountingPdf(accounting: Accounting): Promise<Buffer> {
  const doc = open(accounting);
  const bytes = bytesOf(doc);
  const root = doc.struct('Document');
  doc.addStructure(root);
  paragraphs(doc, root, [title], 'H1');
  paragraphs(doc, root, headOf(accounting));
  doc.moveDown(0.5);
  await drawTable(doc, root, columns, accounting.rows.map(cellsOf));
  doc.moveDown(1);
  paragraphs(doc, root, footOf(accounting));
  root.end();
  number(doc, accounting);
  doc.end();
  return bytes;
}
