import type { Token } from 'markdown-it';
import { plain } from './text.ts';

export type Pdf = PDFKit.PDFDocument;

/** A stretch of text in one look. */
export interface Run {
  readonly text: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly code: boolean;
  readonly link?: string;
}

interface Look {
  bold: number;
  italic: number;
  link: string | undefined;
}

function turn(look: Look, token: Token): void {
  const { type, nesting } = token;
  if (type === 'strong_open' || type === 'strong_close') look.bold += nesting;
  if (type === 'em_open' || type === 'em_close') look.italic += nesting;
  if (type === 'link_open') look.link = String(token.attrGet('href') ?? '');
  if (type === 'link_close') look.link = undefined;
}

const textIn = ({ type, content }: Token): string =>
  type === 'softbreak' ? ' ' : type === 'hardbreak' ? '\n' : content;

/** What a paragraph says, in stretches. Links of the web keep their address; those of the page are text. */
export function runsOf(inline: Token | undefined, bold = false): Run[] {
  const look: Look = { bold: bold ? 1 : 0, italic: 0, link: undefined };
  return (inline?.children ?? []).flatMap((token) => {
    turn(look, token);
    const text = plain(textIn(token));
    if (text === '') return [];
    const run = { text, bold: look.bold > 0, italic: look.italic > 0, code: token.type === 'code_inline' };
    return [look.link?.startsWith('#') === false ? { ...run, link: look.link } : run];
  });
}

const fontOf = ({ bold, italic, code }: Run): string => {
  if (code) return bold ? 'Courier-Bold' : 'Courier';
  const slant = italic ? 'Oblique' : '';
  return bold || italic ? `Helvetica-${bold ? 'Bold' : ''}${slant}` : 'Helvetica';
};

export interface Place {
  readonly x: number;
  readonly width: number;
  readonly size: number;
}

/** Writes the stretches as one paragraph, beginning where the document stands. */
export function writeRuns(doc: Pdf, runs: readonly Run[], { x, width, size }: Place): void {
  if (runs.length === 0) return;
  for (const [index, run] of runs.entries()) {
    const options = {
      width,
      continued: index < runs.length - 1,
      link: run.link ?? null,
      underline: run.link !== undefined,
    };
    doc.font(fontOf(run)).fontSize(run.code ? size - 0.5 : size);
    if (index === 0) doc.text(run.text, x, doc.y, options);
    else doc.text(run.text, options);
  }
}

/** Height of the stretches as one paragraph, a little more rather than less. */
export function heightOf(doc: Pdf, runs: readonly Run[], { width, size }: Place): number {
  const bold = runs.some((run) => run.bold) ? 'Helvetica-Bold' : 'Helvetica';
  doc.font(runs.some((run) => run.code) ? 'Courier' : bold).fontSize(size);
  return doc.heightOfString(runs.map(({ text }) => text).join(''), { width });
}
