import { type Answer, type Brand, type Html, html } from '@safeguard/http';
import { policiesPart, proposedPart, readingPart, reportsPart, subprocessorsPart } from './closing.ts';
import { trustPage } from './frame.ts';
import { rulesPart } from './rules.ts';
import { introduction, needsPart, summaryPart } from './summary.ts';
import type { Facts } from './types.ts';
import { familyTitles } from './words.ts';

const link = (id: string, text: string): Html => html`<li><a href="#${id}">${text}</a></li>`;

const contents = ({ families, proposed, needs }: Facts): Html => html`<nav class="contents" id="contents"
 aria-label="On this page"><p aria-hidden="true">On this page</p><ul>
${link('summary', 'At a glance')}
${link('needs', needs.length === 14 ? 'The fourteen needs' : 'What is needed')}
<li><a href="#rules">Rule by rule</a><ul>${families.map(({ family }) => link(family, familyTitles[family]))}</ul></li>
${proposed.length > 0 && link('proposed', 'Proposed rules')}
${link('policies', 'Policies')}
${link('subprocessors', 'Subprocessors')}
${link('reports', 'Reports by request')}
${link('reading', 'How to read the states')}
</ul></nav>`;

/** The page that a reviewer sees first. */
export const overview = (facts: Facts, brand: Brand): Answer =>
  trustPage({
    title: 'Trust',
    brand,
    here: '/trust',
    about: `HIPAA, rule by rule: what ${facts.organization.name} does about each, and whether it holds at this moment.`,
    main: html`<div class="trust"><div class="opening">${introduction(facts)}</div>
${contents(facts)}
<div class="long">
${summaryPart(facts)}
${needsPart(facts)}
${rulesPart(facts)}
${proposedPart(facts)}
${policiesPart(facts)}
${subprocessorsPart(facts)}
${reportsPart()}
${readingPart(facts)}
</div></div>`,
  });
