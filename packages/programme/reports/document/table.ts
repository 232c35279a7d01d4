import { plain } from '../../policies/pdf/text.ts';
import type { Column } from './blocks.ts';

type Pdf = PDFKit.PDFDocument;

const [pad, size] = [3, 7.5];
/** Rows between two turns of the event loop: a page of them takes some milliseconds. */
const turn_rows = 20;
/** PDF 1.7, 14.8.5.7: what a header cell heads. The library's types do not know it. */
const columnScope: object = { scope: 'Column' };

const fontOf = (heading: boolean): string => (heading ? 'Helvetica-Bold' : 'Helvetica');

interface Layout {
  readonly left: number;
  readonly widths: readonly number[];
}

function layoutOf({ page }: Pdf, columns: readonly Column[]): Layout {
  const { width, margins } = page;
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  const all = width - margins.left - margins.right;
  return { left: margins.left, widths: columns.map(({ share }) => (all * share) / shares) };
}

function heightOf(doc: Pdf, { widths }: Layout, cells: readonly string[], heading: boolean): number {
  doc.font(fontOf(heading)).fontSize(size);
  const heights = cells.map((cell, at) => doc.heightOfString(cell, { width: (widths[at] ?? 0) - 2 * pad }));
  return Math.max(...heights) + 2 * pad;
}

/** One row as a tagged TR of TH or TD, and the line below it. */
function drawRow(doc: Pdf, { left, widths }: Layout, cells: readonly string[], heading: boolean, height: number) {
  const top = doc.y;
  let x = left;
  const drawn = cells.map((cell, at) => {
    const [width, from] = [widths[at] ?? 0, x + pad];
    x += width;
    return doc.struct(heading ? 'TH' : 'TD', heading ? columnScope : {}, () => {
      doc
        .font(fontOf(heading))
        .fontSize(size)
        .text(cell, from, top + pad, { width: width - 2 * pad });
    });
  });
  const row = doc.struct('TR', {}, drawn);
  return {
    row,
    finish(): void {
      const below = top + height;
      doc.markContent('Artifact', { type: 'Layout' });
      doc.moveTo(left, below).lineTo(x, below).lineWidth(0.25).stroke();
      doc.endMarkedContent();
      doc.y = below;
      doc.x = left;
    },
  };
}

/** No cell is higher than a page: what is longer is cut, and says so. */
const cell_most = 1_500;
const cellOf = (given: string): string => {
  const said = plain(given);
  return said.length <= cell_most ? said : `${said.slice(0, cell_most)}… (cut; whole in the HTML form)`;
};

/** A table over as many pages as it takes, its headings on each; tagged. Lets others in between rows. */
export async function drawTable(
  doc: Pdf,
  parent: PDFKit.PDFStructureElement,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const layout = layoutOf(doc, columns);
  const titles = columns.map(({ title }) => title);
  const element = doc.struct('Table');
  parent.add(element);
  const put = (cells: readonly string[], heading: boolean, height: number): void => {
    const { row, finish } = drawRow(doc, layout, cells, heading, height);
    element.add(row);
    finish();
  };
  const top = heightOf(doc, layout, titles, true);
  const bottom = doc.page.height - doc.page.margins.bottom;
  if (doc.y + top * 3 > bottom) doc.addPage();
  put(titles, true, top);
  for (const [at, row] of rows.entries()) {
    if (at % turn_rows === turn_rows - 1) await new Promise(setImmediate);
    const cells = row.map(cellOf);
    const height = heightOf(doc, layout, cells, false);
    if (doc.y + height > bottom) {
      doc.addPage();
      put(titles, true, top);
    }
    put(cells, false, height);
  }
  element.end();
  doc.moveDown(1);
}
