import PDFDocument from 'pdfkit';
import { tokensOf } from '../markdown.ts';
import type { PolicyVersion } from '../types.ts';
import { writeBlocks } from './blocks.ts';
import type { Pdf } from './inline.ts';
import { dayWords, plain, timeWords } from './text.ts';

const stateWords: Readonly<Record<PolicyVersion['state'], string>> = {
  draft: 'DRAFT: not approved, not in force.',
  'in-review': 'DRAFT: waits for its approval, not in force.',
  approved: 'Approved, not in force.',
  published: 'In force.',
  superseded: 'SUPERSEDED: a newer version is in force.',
  rejected: 'REJECTED: not in force.',
};

/** What the version is, above its text. */
function headOf(version: PolicyVersion, organization: string): string[] {
  const { policy, number, state, digest, approved_by, published_at, review_due_at, content } = version;
  const approved = published_at === undefined ? 'none' : `${timeWords(published_at)}, by ${approved_by.join(', ')}`;
  return [
    `${organization}. Policy ${policy}, version ${number}. ${stateWords[state]}`,
    `Effective: ${published_at === undefined ? 'not yet' : dayWords(published_at)}. ` +
      `Review due: ${review_due_at === undefined ? 'a while after approval' : dayWords(review_due_at)}. ` +
      `Owner: ${content.owner}.`,
    `Approval: ${approved}.`,
    `SHA-256 of its text: ${digest}`,
  ];
}

function open(version: PolicyVersion): Pdf {
  const made = new Date(version.published_at ?? version.made_at);
  return new PDFDocument({
    size: 'LETTER',
    margins: { top: 54, bottom: 60, left: 60, right: 60 },
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: 'en-US',
    bufferPages: true,
    info: { Title: plain(version.title), Author: 'Safeguard', CreationDate: made, ModDate: made },
  });
}

function writeHead(doc: Pdf, parent: PDFKit.PDFStructureElement, texts: readonly string[]): void {
  for (const text of texts) {
    parent.add(doc.struct('P', {}, () => doc.font('Helvetica').fontSize(8).fillColor('#444').text(plain(text))));
  }
  doc.fillColor('black').moveDown(1);
}

/** Title, version and number on every page; no part of what is read aloud. */
function numberPages(doc: Pdf, { title, number, state }: PolicyVersion): void {
  const { start, count } = doc.bufferedPageRange();
  const draft = state === 'published' ? '' : ` (${state})`;
  for (let at = start; at < start + count; at += 1) {
    doc.switchToPage(at);
    const { width, height, margins } = doc.page;
    // Below the margin, where text would begin a new page.
    doc.page.margins = { ...margins, bottom: 0 };
    doc.markContent('Artifact', { type: 'Pagination' });
    const text = plain(`${title}, version ${number}${draft} – page ${at + 1} of ${count}`);
    const place = { width: width - margins.left - margins.right, align: 'center', lineBreak: false } as const;
    doc
      .font('Helvetica')
      .fontSize(8)
      .text(text, margins.left, height - 36, place);
    doc.endMarkedContent();
    doc.page.margins = margins;
  }
}

const bytesOf = (doc: Pdf): Promise<Buffer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  doc.on('end', () => resolve(Buffer.concat(chunks)));
  doc.on('error', reject);
  return promise;
};

/** A policy as a tagged PDF of letter size. Not PDF/UA: the fonts are not embedded. */
export async function policyPdf(version: PolicyVersion, organization: string): Promise<Buffer> {
  const doc = open(version);
  const bytes = bytesOf(doc);
  const root = doc.struct('Document');
  doc.addStructure(root);
  writeHead(doc, root, headOf(version, organization));
  for (const { tokens } of tokensOf(version)) {
    writeBlocks(doc, root, tokens);
    await new Promise(setImmediate);
  }
  root.end();
  numberPages(doc, version);
  doc.end();
  return bytes;
}
