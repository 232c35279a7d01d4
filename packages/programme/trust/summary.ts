import { type Html, html, notice, timeOf } from '@safeguard/http';
import { approachPart } from './row.ts';
import { familyList } from './rules.ts';
import { bar, mark, standingPart } from './state-mark.ts';
import { stacking } from './tables.ts';
import type { Facts, PublicState } from './types.ts';
import { counted, lineTitles, stateWords } from './words.ts';

/** Those that are told even where there is none: an absent number would be read as nothing to tell. */
const always: Readonly<Record<Facts['unmet'], readonly PublicState[]>> = {
  named: ['met', 'documented', 'unmet', 'unknown'],
  counted: ['met', 'documented', 'unpublished'],
};

const shownCounts = ({ counts, unmet }: Facts): PublicState[] =>
  (Object.keys(stateWords) as PublicState[]).filter(
    (state) => (counts[state] ?? 0) > 0 || always[unmet].includes(state),
  );

export const introduction = ({
  organization,
  at,
}: Facts): Html => html`<h1>How health information is protected here, and what holds at this moment</h1>
<p class="lead">${organization.name} runs this platform${
  organization.lines.length > 0 && html` (${organization.lines.map((line) => lineTitles[line]).join(', ')})`
} under the rules of HIPAA. This page goes through them one by one, with what is done about each and whether it
holds.</p>
<dl class="facts"><dt>State as of</dt><dd>${timeOf(at)}</dd><dt>Run by</dt><dd>${organization.name}</dd>
<dt>Contact</dt><dd>${organization.contact}</dd></dl>
${notice(html`<p><strong>No authority certifies compliance with HIPAA, and this page is no certificate.</strong> It is
rendered from the evidence of checks on the live platform, and from policies that are approved and published. Nobody
sets a state by hand. What is not known is told as not known.</p>`)}`;

export const summaryPart = (facts: Facts): Html => html`<section class="part" aria-labelledby="summary">
<h2 id="summary">At a glance</h2>
<div class="sheet glance">
<p>Of ${counted(facts.controls.size, 'standard, specification and rule', 'standards, specifications and rules')}:</p>
${bar(facts.counts)}
<ul class="counts">${shownCounts(facts).map(
  (state) => html`<li data-count="${state}"><span class="number">${facts.counts[state] ?? 0}</span>${mark(state)}</li>`,
)}</ul>
${
  facts.unmet === 'counted' &&
  html`<p class="hint">The operator publishes how many are not met, not known or not documented, and not which.</p>`
}</div>
${familyList(facts)}
</section>`;

export const needsPart = ({ needs }: Facts): Html => html`<section class="part" aria-labelledby="needs">
<h2 id="needs">${needs.length === 14 ? 'The fourteen needs' : 'What is needed'}</h2>
<p>What those who entrust health information to a platform ask first. A state here is the worst of all controls and
checks behind it.</p>
<div class="sheet flush">${stacking(
  'Needs, our approach and how it stands',
  ['Need', 'Our approach', 'State'],
  needs.map((need) => ({
    data: { 'data-need': need.id, id: `need-${need.id}` },
    cells: [need.title, html`<div>${approachPart(need)}</div>`, html`<div>${standingPart(need.standing)}</div>`],
  })),
)}</div></section>`;
