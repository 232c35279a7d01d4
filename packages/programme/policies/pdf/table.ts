import { heightOf, type Pdf, type Place, type Run, writeRuns } from './inline.ts';

export interface TableRow {
  readonly heading: boolean;
  readonly cells: readonly (readonly Run[])[];
}

const [pad, size] = [3, 8.5];
/** PDF 1.7, 14.8.5.7: what a header cell heads. The library's types do not know it. */
const columnScope: object = { scope: 'Column' };

/** Widths by what the columns hold: at least a tenth of the table each. */
function widthsOf(rows: readonly TableRow[], width: number): number[] {
  const count = Math.max(...rows.map(({ cells }) => cells.length));
  const longest = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map(({ cells }) => (cells[at] ?? []).reduce((sum, { text }) => sum + text.length, 0))),
  );
  const shares = longest.map((letters) => Math.sqrt(Math.max(4, letters)));
  const all = shares.reduce((sum, share) => sum + share, 0);
  const least = width / (count * 2);
  const spread = width - least * count;
  return shares.map((share) => least + (spread * share) / all);
}

const placeOf = (width: number, x = 0): Place => ({ x, width: width - 2 * pad, size });

const rowHeight = (doc: Pdf, { cells }: TableRow, widths: readonly number[]): number =>
  Math.max(...cells.map((runs, at) => heightOf(doc, runs, placeOf(widths[at] ?? 0)))) + 2 * pad;

function drawRow(doc: Pdf, row: TableRow, left: number, widths: readonly number[], height: number) {
  const top = doc.y;
  let x = left;
  const cells = row.cells.map((runs, at) => {
    const width = widths[at] ?? 0;
    const place = placeOf(width, x + pad);
    x += width;
    return doc.struct(row.heading ? 'TH' : 'TD', row.heading ? columnScope : {}, () => {
      doc.y = top + pad;
      writeRuns(doc, runs, place);
    });
  });
  return {
    drawn: doc.struct('TR', {}, cells),
    finish(): void {
      doc.markContent('Artifact', { type: 'Layout' });
      const below = top + height;
      doc.moveTo(left, below).lineTo(x, below).lineWidth(0.25).stroke();
      doc.endMarkedContent();
      doc.x = left;
      doc.y = below;
    },
  };
}

/** A tagged table over as many pages as it takes, its headings on each. */
export function drawTable(
  doc: Pdf,
  parent: PDFKit.PDFStructureElement,
  rows: readonly TableRow[],
  place: { readonly x: number; readonly width: number },
): void {
  if (rows.length === 0) return;
  const widths = widthsOf(rows, place.width);
  const headings = rows.filter(({ heading }) => heading);
  const table = doc.struct('Table');
  parent.add(table);
  const bottom = doc.page.height - doc.page.margins.bottom;
  const put = (row: TableRow): void => {
    const { drawn, finish } = drawRow(doc, row, place.x, widths, rowHeight(doc, row, widths));
    table.add(drawn);
    finish();
  };
  for (const row of rows) {
    if (doc.y + rowHeight(doc, row, widths) > bottom) {
      doc.addPage();
      if (!row.heading) for (const heading of headings) put(heading);
    }
    put(row);
  }
  table.end();
  doc.y += size;
}
