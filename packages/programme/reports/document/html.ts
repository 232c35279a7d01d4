import { type Html, html, markup, raw } from '@safeguard/http';
import { timeWords } from '../../policies/pdf/text.ts';
import type { Block, Document } from './blocks.ts';

/** Constants alone: nothing of a document gets in. */
const style = raw(`<style>
:root{color-scheme:light dark;font:100%/1.5 system-ui,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
body{max-width:75rem;margin:2rem auto;padding:0 1.5rem;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.85rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .5rem}
th,td{border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
thead{display:table-header-group}tr{break-inside:avoid}
@media print{body{max-width:none;margin:0;padding:0;font-size:9pt}h2,h3{break-after:avoid}}
</style>`);

const cells = (row: readonly string[]): Html => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`;

export function blockHtml(block: Block): Html {
  if (block.kind === 'text') return html`<p>${block.text}</p>\n`;
  if (block.kind === 'heading') {
    if (block.level === 1) return html`<h1>${block.text}</h1>\n`;
    return block.level === 2 ? html`<h2>${block.text}</h2>\n` : html`<h3>${block.text}</h3>\n`;
  }
  const { columns, rows } = block;
  return html`<table><thead><tr>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(cells)}</tbody></table>\n`;
}

/** What the document says, to stand in a page. */
export const fragmentHtml = ({ blocks }: Pick<Document, 'blocks'>): Html => html`${blocks.map(blockHtml)}`;

/** The document as one file: no script, nothing loaded, made to be printed. */
export const documentHtml = (document: Document): string =>
  markup(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${document.title}</title>
${style}
</head>
<body>
<main>
${fragmentHtml(document)}</main>
<footer><p>Generated ${timeWords(document.made_at)} by Safeguard.</p></footer>
</body>
</html>
`);
