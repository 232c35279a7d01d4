import PDFDocument from 'pdfkit';
import { plain, timeWords } from '../../policies/pdf/text.ts';
import type { Block, Document } from './blocks.ts';
import { drawTable } from './table.ts';

type Pdf = InstanceType<typeof PDFDocument>;
type Element = PDFKit.PDFStructureElement;

const sizes = { 1: 18, 2: 13, 3: 10.5 } as const;
const body = 9;

function open({ title, made_at }: Document): Pdf {
  const made = new Date(made_at);
  return new PDFDocument({
    size: 'LETTER',
    layout: 'landscape',
    margins: { top: 40, bottom: 50, left: 40, right: 40 },
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: 'en-US',
    bufferPages: true,
    info: { Title: plain(title), Author: 'Safeguard', CreationDate: made, ModDate: made },
  });
}

async function put(doc: Pdf, parent: Element, block: Block): Promise<void> {
  if (block.kind === 'table') return drawTable(doc, parent, block.columns, block.rows);
  const level = block.kind === 'heading' ? block.level : undefined;
  if (level !== undefined) {
    doc.moveDown(0.6);
    if (doc.y + sizes[level] * 5 > doc.page.height - doc.page.margins.bottom) doc.addPage();
  }
  const { left } = doc.page.margins;
  parent.add(
    doc.struct(level === undefined ? 'P' : `H${level}`, {}, () => {
      doc
        .font(level === undefined ? 'Helvetica' : 'Helvetica-Bold')
        .fontSize(level === undefined ? body : sizes[level])
        .text(plain(block.text), left, doc.y);
    }),
  );
  doc.moveDown(0.4);
}

/** Title, time and number on every page; no part of what is read aloud. */
function number(doc: Pdf, { title, made_at }: Document): void {
  const { start, count } = doc.bufferedPageRange();
  for (let at = start; at < start + count; at += 1) {
    doc.switchToPage(at);
    const { width, height, margins } = doc.page;
    // Below the margin, where text would begin a new page.
    doc.page.margins = { ...margins, bottom: 0 };
    doc.markContent('Artifact', { type: 'Pagination' });
    const said = plain(`${title} – generated ${timeWords(made_at)} – page ${at + 1} of ${count}`);
    const place = { width: width - margins.left - margins.right, align: 'center', lineBreak: false } as const;
    doc
      .font('Helvetica')
      .fontSize(7.5)
      .text(said, margins.left, height - 32, place);
    doc.endMarkedContent();
    doc.page.margins = margins;
  }
}

function bytesOf(doc: Pdf): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  doc.on('end', () => resolve(Buffer.concat(chunks)));
  doc.on('error', reject);
  return promise;
}

/** A tagged PDF of letter size: title, language, headings, tables with header cells. Not PDF/UA: no fonts inside. */
export async function documentPdf(document: Document): Promise<Buffer> {
  const doc = open(document);
  const bytes = bytesOf(doc);
  const root = doc.struct('Document');
  doc.addStructure(root);
  for (const block of document.blocks) await put(doc, root, block);
  root.end();
  number(doc, document);
  doc.end();
  return bytes;
}
