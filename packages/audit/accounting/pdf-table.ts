type Document = PDFKit.PDFDocument;

/** A column of a table: its heading, and its share of the width. */
export interface Column {
  readonly title: string;
  readonly share: number;
}

const [pad, size] = [3, 8];
/** Rows between two turns of the event loop: a page of them takes some milliseconds. */
const turn_rows = 20;

/** PDF 1.7, 14.8.5.7: what a header cell heads. The library's types do not know it. */
const columnScope: object = { scope: 'Column' };

const fontOf = (heading: boolean): string => (heading ? 'Helvetica-Bold' : 'Helvetica');

interface Layout {
  readonly left: number;
  readonly widths: readonly number[];
}

function layoutOf(doc: Document, columns: readonly Column[]): Layout {
  const { width, margins } = doc.page;
  const all = width - margins.left - margins.right;
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  return { left: margins.left, widths: columns.map(({ share }) => (all * share) / shares) };
}

function heightOf(doc: Document, { widths }: Layout, cells: readonly string[], heading: boolean): number {
  doc.font(fontOf(heading)).fontSize(size);
  const heights = cells.map((cell, at) => doc.heightOfString(cell, { width: (widths[at] ?? 0) - 2 * pad }));
  return Math.max(...heights) + 2 * pad;
}

/** One row as a tagged TR of TH or TD. */
function drawRow(doc: Document, { left, widths }: Layout, cells: readonly string[], heading: boolean, height: number) {
  const top = doc.y;
  let x = left;
  const drawn = cells.map((cell, at) => {
    const width = widths[at] ?? 0;
    const at_x = x + pad;
    x += width;
    return doc.struct(heading ? 'TH' : 'TD', heading ? columnScope : {}, () => {
      doc
        .font(fontOf(heading))
        .fontSize(size)
        .text(cell, at_x, top + pad, { width: width - 2 * pad });
    });
  });
  const row = doc.struct('TR', {}, drawn);
  return {
    row,
    finish: (): void => {
      doc.markContent('Artifact', { type: 'Layout' });
      doc
        .moveTo(left, top + height)
        .lineTo(x, top + height)
        .lineWidth(0.25)
        .stroke();
      doc.endMarkedContent();
      doc.y = top + height;
      doc.x = left;
    },
  };
}

/**
 * A table over as many pages as it takes, its headings on each; tagged, so that a screen reader reads cells by their
 * headings. Lets others in between rows.
 */
export async function drawTable(
  doc: Document,
  parent: PDFKit.PDFStructureElement,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const layout = layoutOf(doc, columns);
  const titles = columns.map(({ title }) => title);
  const table = doc.struct('Table');
  parent.add(table);
  const put = (cells: readonly string[], heading: boolean): void => {
    const height = heightOf(doc, layout, cells, heading);
    const { row, finish } = drawRow(doc, layout, cells, heading, height);
    table.add(row);
    finish();
  };
  put(titles, true);
  const bottom = doc.page.height - doc.page.margins.bottom;
  for (const [at, cells] of rows.entries()) {
    if (at % turn_rows === turn_rows - 1) await new Promise(setImmediate);
    if (doc.y + heightOf(doc, layout, cells, false) > bottom) {
      doc.addPage();
      put(titles, true);
    }
    put(cells, false);
  }
  table.end();
}
