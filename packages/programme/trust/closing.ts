import { dayOf, type Html, html, linkButton } from '@safeguard/http';
import { unverifiedMark } from './row.ts';
import { mark, prose } from './state-mark.ts';
import { stacking } from './tables.ts';
import type { Facts, PolicyFacts, ProposedFacts, PublicState } from './types.ts';
import { counted, meanings, stateWords } from './words.ts';

const proposedRow = ({ controls }: Facts, row: ProposedFacts['rows'][number]) => ({
  data: { 'data-proposed': row.citation },
  cells: [
    html`${row.title}<span class="cite">${row.citation}, as proposed</span>${unverifiedMark(row)}`,
    html`<div>${prose(row.requirement)}</div>`,
    html`<ul class="bearing">${row.controls.flatMap((id) => {
      const control = controls.get(id);
      if (control === undefined) return [];
      return html`<li><a href="/trust/controls/${id}">${control.title}</a> ${mark(control.standing.state)}</li>`;
    })}</ul>`,
  ],
});

const oneProposed = (facts: Facts, { title, note, rows }: ProposedFacts): Html => html`<details class="sheet">
<summary><span>${title}</span> <span class="tag">Proposed, not law</span></summary>
<p>${prose(note)}</p>
<p><strong>Nothing here is a duty, and nothing here is claimed as fulfilled.</strong> The states are those of today's
controls that bear on a row; a met one does not mean that the proposal would be met.</p>
${stacking(
  title,
  ['Proposed', 'What it would ask', 'What bears on it today'],
  rows.map((row) => proposedRow(facts, row)),
)}
</details>`;

export const proposedPart = (facts: Facts): Html | undefined =>
  facts.proposed.length === 0
    ? undefined
    : html`<section class="part" aria-labelledby="proposed">
<h2 id="proposed">Proposed rules, which are not law</h2>
${facts.proposed.map((one) => oneProposed(facts, one))}</section>`;

const policyRow = ({ id, title, number, approvals, published_at, review_due_at }: PolicyFacts) => ({
  data: { 'data-policy': id },
  cells: [
    html`<a href="/trust/policies/${id}">${title}</a>`,
    html`<div>${number}</div>`,
    html`<div>${dayOf(published_at)}<span class="hint">, by ${counted(approvals, 'person', 'people')}</span></div>`,
    html`<div>${review_due_at === undefined ? 'not set' : dayOf(review_due_at)}</div>`,
    html`<div class="together"><a href="/trust/policies/${id}">HTML<span class="unseen">: ${title}</span></a> ·
<a href="/trust/policies/${id}.pdf">PDF<span class="unseen">: ${title}</span></a></div>`,
  ],
});

const policyColumns = ['Policy', 'Version', 'Approved and published', 'Next review by', 'Read'];

export const policyTable = ({ policies }: Facts): Html =>
  policies.length === 0
    ? html`<p>No policy has been approved and published yet.</p>`
    : html`<div class="sheet flush">${stacking('Published policies', policyColumns, policies.map(policyRow))}</div>`;

export const policiesPart = (facts: Facts): Html => html`<section class="part" aria-labelledby="policies">
<h2 id="policies">Policies</h2>
<p>Those that are approved and published, as they bind. Drafts are not shown. The numbers in them are those of the
day on which they were published.</p>
${policyTable(facts)}</section>`;

const agreementOf = ({ ephi, agreement }: Facts['subprocessors'][number]) => {
  if (agreement !== undefined) return html`${agreement.date}`;
  return ephi ? 'not published' : 'none, since it touches no health information';
};

export const subprocessorsPart = ({ subprocessors }: Facts): Html => html`<section class="part"
 aria-labelledby="subprocessors"><h2 id="subprocessors">Subprocessors</h2>
<p>Who works for the operator of this platform, as the operator lists them.</p>
${
  subprocessors.length === 0
    ? html`<p>The operator lists nobody.</p>`
    : html`<div class="sheet flush">${stacking(
        'Subprocessors',
        ['Name', 'For what', 'Country', 'Touches health information', 'Agreement of'],
        subprocessors.map((one) => ({
          cells: [
            one.name,
            html`<div>${one.purpose}</div>`,
            html`<div>${one.country}</div>`,
            html`<div>${one.ephi ? 'Yes' : 'No'}</div>`,
            html`<div>${agreementOf(one)}</div>`,
          ],
        })),
      )}</div>`
}</section>`;

export const reportsPart = (): Html => html`<section class="part" aria-labelledby="reports">
<h2 id="reports">Reports by request</h2>
<p>The audit report tells of a period: every control with its evidence and its exceptions. The evidence bundle holds
the same as files, with proofs that a small independent program verifies on a machine of yours. Both are given under
an agreement on confidentiality.</p>
<div class="acts">${linkButton('Ask for a report', '/trust/reports', 'main')}
${linkButton('This page as JSON', '/trust.json')}</div></section>`;

const shown = (unmet: Facts['unmet']): PublicState[] =>
  (Object.keys(stateWords) as PublicState[]).filter((state) =>
    ['unmet', 'unknown', 'undocumented'].includes(state)
      ? unmet === 'named'
      : state !== 'unpublished' || unmet === 'counted',
  );

export const readingPart = ({ unmet }: Facts): Html => html`<section class="part" aria-labelledby="reading">
<h2 id="reading">How to read the states</h2>
<div class="sheet"><dl class="meanings">${shown(unmet).map(
  (state) => html`<div><dt>${mark(state)}</dt><dd>${meanings[state]}</dd></div>`,
)}</dl>
<p>A standard is as good as the weakest of its specifications. Evidence counts for two intervals of its check; older
than that, the state is not known. Each piece of evidence is an entry of a log whose alteration is found; auditors get
these entries with proofs. An exception that somebody answers for does not make anything met.</p>
<p>Some checks try the platform themselves. Others judge receipts that tools beside it leave, of backups and scans for
instance; where that is so it is said. Times are in UTC. This page is computed anew every few seconds, and may be kept
by browsers for a minute.</p></div></section>`;
