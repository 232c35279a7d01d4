import type { Token } from 'markdown-it';
import { type Pdf, type Place, type Run, runsOf, writeRuns } from './inline.ts';
import { drawTable, type TableRow } from './table.ts';
import { plain } from './text.ts';

type Element = PDFKit.PDFStructureElement;

const [body, code] = [10, 8.5];
const headings: Readonly<Record<string, number>> = { h1: 18, h2: 14, h3: 11.5, h4: 10.5, h5: 10, h6: 10 };
const indent = 16;

/** A cursor over the tokens of a part. */
interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

const next = (reader: Reader): Token | undefined => {
  const token = reader.tokens[reader.at];
  reader.at += 1;
  return token;
};

interface Writing {
  readonly doc: Pdf;
  readonly reader: Reader;
  /** How deep in lists and quotes. */
  readonly depth: number;
}

function placeOf({ doc, depth }: Writing, size: number): Place {
  const { width, margins } = doc.page;
  const x = margins.left + depth * indent;
  return { x, width: width - margins.right - x, size };
}

/** Begins a page where fewer than some lines are left: a heading does not stand alone. */
function keepTogether(doc: Pdf, height: number): void {
  if (doc.y + height > doc.page.height - doc.page.margins.bottom) doc.addPage();
}

function heading(writing: Writing, parent: Element, { tag }: Token): void {
  const { doc, reader } = writing;
  const size = headings[tag] ?? body;
  doc.moveDown(0.6);
  keepTogether(doc, size * 4);
  const runs = runsOf(next(reader), true);
  parent.add(doc.struct(tag.toUpperCase(), {}, () => writeRuns(doc, runs, placeOf(writing, size))));
  next(reader);
  doc.moveDown(0.3);
}

function paragraph(writing: Writing, parent: Element, tight: boolean): void {
  const { doc, reader } = writing;
  const runs = runsOf(next(reader));
  parent.add(doc.struct('P', {}, () => writeRuns(doc, runs, placeOf(writing, body))));
  next(reader);
  if (!tight) doc.moveDown(0.5);
}

function codeBlock(writing: Writing, parent: Element, { content }: Token): void {
  const { doc } = writing;
  const runs: Run[] = [{ text: plain(content.trimEnd()), bold: false, italic: false, code: true }];
  parent.add(doc.struct('Code', {}, () => writeRuns(doc, runs, placeOf(writing, code))));
  doc.moveDown(0.5);
}

/** The sign of an item, at the left of what it says. */
function label({ doc }: Writing, place: Place, sign: string): Element {
  const top = doc.y;
  return doc.struct('Lbl', {}, () => {
    doc
      .font('Helvetica')
      .fontSize(body)
      .text(sign, place.x - indent, top, { lineBreak: false });
    doc.x = place.x;
    doc.y = top;
  });
}

function list(writing: Writing, parent: Element, opening: Token): void {
  const { doc, reader, depth } = writing;
  const inside: Writing = { ...writing, depth: depth + 1 };
  const ordered = opening.type === 'ordered_list_open';
  let number = Number(opening.attrGet('start') ?? 1);
  const element = doc.struct('L');
  parent.add(element);
  for (let token = next(reader); token?.type === 'list_item_open'; token = next(reader)) {
    const item = doc.struct('LI');
    element.add(item);
    keepTogether(doc, body * 2);
    // Closed at once: what is marked as the label must be written before what the item says.
    item.add(label(inside, placeOf(inside, body), ordered ? `${number}.` : '•'));
    const said = doc.struct('LBody');
    item.add(said);
    blocks(inside, said, 'list_item_close');
    said.end();
    item.end();
    number += 1;
  }
  element.end();
  if (depth === 0) doc.moveDown(0.3);
}

function quote(writing: Writing, parent: Element): void {
  const element = writing.doc.struct('BlockQuote');
  parent.add(element);
  blocks({ ...writing, depth: writing.depth + 1 }, element, 'blockquote_close');
  element.end();
}

function table(writing: Writing, parent: Element): void {
  const { doc, reader } = writing;
  const rows: { heading: boolean; cells: Run[][] }[] = [];
  for (let token = next(reader); token !== undefined && token.type !== 'table_close'; token = next(reader)) {
    if (token.type === 'tr_open') rows.push({ heading: false, cells: [] });
    const row = rows.at(-1);
    if (row === undefined || (token.type !== 'th_open' && token.type !== 'td_open')) continue;
    row.heading ||= token.type === 'th_open';
    row.cells.push(runsOf(next(reader), token.type === 'th_open'));
  }
  drawTable(doc, parent, rows satisfies TableRow[], placeOf(writing, body));
}

function rule({ doc }: Writing): void {
  const { width, margins } = doc.page;
  doc.markContent('Artifact', { type: 'Layout' });
  doc
    .moveTo(margins.left, doc.y)
    .lineTo(width - margins.right, doc.y)
    .lineWidth(0.5)
    .stroke();
  doc.endMarkedContent();
  doc.moveDown(0.5);
}

function block(writing: Writing, parent: Element, token: Token): void {
  const { type } = token;
  if (type === 'heading_open') heading(writing, parent, token);
  else if (type === 'paragraph_open') paragraph(writing, parent, token.hidden);
  else if (type === 'bullet_list_open' || type === 'ordered_list_open') list(writing, parent, token);
  else if (type === 'table_open') table(writing, parent);
  else if (type === 'blockquote_open') quote(writing, parent);
  else if (type === 'fence' || type === 'code_block') codeBlock(writing, parent, token);
  else if (type === 'hr') rule(writing);
}

function blocks(writing: Writing, parent: Element, until?: string): void {
  const { reader } = writing;
  for (let token = next(reader); token !== undefined && token.type !== until; token = next(reader)) {
    block(writing, parent, token);
  }
}

/** Writes Markdown's blocks into a document, each as a tagged element of `parent`. */
export const writeBlocks = (doc: Pdf, parent: Element, tokens: readonly Token[]): void =>
  blocks({ doc, reader: { tokens, at: 0 }, depth: 0 }, parent);
