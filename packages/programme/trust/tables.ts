import { attributes, type Html, html, type Value } from '@safeguard/http';

/** A cell of a table that becomes a list of blocks on a narrow screen. */
export type Cell = Value;

/**
 * A table whose rows stack on a narrow screen, each cell under the name of its column. The roles are said, since a
 * table that is laid out as blocks is none any more to some browsers.
 */
export const stacking = (
  label: string,
  columns: readonly string[],
  rows: readonly { readonly cells: readonly Cell[]; readonly data?: Readonly<Record<string, string>> }[],
): Html => html`<table class="stacking" role="table" aria-label="${label}">
<thead role="rowgroup"><tr role="row">${columns.map(
  (name) => html`<th scope="col" role="columnheader">${name}</th>`,
)}</tr></thead>
<tbody role="rowgroup">${rows.map(
  ({ cells, data = {} }) =>
    html`<tr role="row"${attributes(data)}>${cells.map((cell, index) =>
      index === 0
        ? html`<th scope="row" role="rowheader">${cell}</th>`
        : html`<td role="cell"><span class="column" aria-hidden="true">${columns[index]}</span>${cell}</td>`,
    )}</tr>`,
)}</tbody></table>`;
