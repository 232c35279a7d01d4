import { type Html, html } from '@safeguard/http';
import { prose, standingPart } from './state-mark.ts';
import type { ControlFacts } from './types.ts';
import { caveats, decisionWords } from './words.ts';

/** `(Req)` and `(A)`, as the regulation's own matrix has them. */
export const levelMark = ({ level }: Pick<ControlFacts, 'level'>): Html | undefined => {
  if (level === 'required') return html`<abbr class="level" title="Required">(Req)</abbr>`;
  return level === 'addressable' ? html`<abbr class="level" title="Addressable">(A)</abbr>` : undefined;
};

export const unverifiedMark = ({ verified }: { readonly verified: 'yes' | 'unverified' }): Html | undefined =>
  verified === 'unverified' ? html` <span class="tag">not held against the text</span>` : undefined;

/** What is done, or, where it does not hold, what is meant to be. */
export const approachPart = ({ approach, standing }: Pick<ControlFacts, 'approach' | 'standing'>): Html => {
  const caveat = caveats[standing.state];
  return html`${caveat !== undefined && html`<p class="caveat">${caveat}</p>`}<p>${prose(approach)}</p>`;
};

export const whyNotPart = ({ otherwise, decision }: ControlFacts): Html =>
  html`${otherwise !== undefined && html`<p class="hint">${otherwise}</p>`}
${decision !== undefined && html`<p class="hint">${decisionWords[decision.kind]}.</p>`}`;

/** What the rule asks on one side, what we do on the other. */
const pair = (row: ControlFacts, head: Html | undefined): Html => html`<div class="pair">
<div class="asks">${head}<p>${prose(row.requirement)}</p></div>
<div class="does">${standingPart(row.standing)}${approachPart(row)}${whyNotPart(row)}</div>
</div>`;

const link = ({ id, citation }: ControlFacts): Html =>
  html`<p class="cite"><a href="/trust/controls/${id}">${citation}</a></p>`;

/** One row below the heading of its group. */
export const rowPart = (row: ControlFacts): Html =>
  html`<div class="control" id="${row.id}" data-control="${row.id}">${pair(
    row,
    html`<h5>${row.title} ${levelMark(row)}${unverifiedMark(row)}</h5>${link(row)}`,
  )}</div>`;

/** The row that its group is named after: the heading is that of the group. */
export const firstPart = (row: ControlFacts): Html =>
  html`<div class="control" data-control="${row.id}">${pair(row, undefined)}</div>`;
