import { type Html, html } from '@safeguard/http';
import { firstPart, levelMark, rowPart, unverifiedMark } from './row.ts';
import { bar } from './state-mark.ts';
import type { ControlFacts, Counts, Facts, FamilyFacts, Group } from './types.ts';
import { counted, familySections, familyTitles, stateWords } from './words.ts';

const applying = (counts: Counts): number =>
  Object.entries(counts).reduce((sum, [state, n]) => (state === 'not-applicable' ? sum : sum + n), 0);

/** `24 of 31 met · 5 documented · 2 not met` */
export function countWords(counts: Counts): string {
  const rest = (Object.keys(stateWords) as (keyof Counts)[]).filter((state) => state !== 'met');
  const told = rest.flatMap((state) => {
    const n = counts[state] ?? 0;
    return n === 0 ? [] : [`${n} ${stateWords[state].toLowerCase()}`];
  });
  return [`${counts.met ?? 0} of ${applying(counts)} met`, ...told].join(' · ');
}

/** The families, each with where it stands: the way into the long part of the page. */
export const familyList = ({ families }: Facts): Html =>
  html`<ul class="families">${families.map(
    ({ family, counts }) => html`<li data-family="${family}"><p><a href="#${family}">${familyTitles[family]}</a></p>
${bar(counts)}<p class="hint">${countWords(counts)}</p></li>`,
  )}</ul>`;

/** The row that says what the whole group is: its standard, or the only rule of a section. */
const headOf = ({ rows }: Group): ControlFacts | undefined => {
  const [first] = rows;
  return first !== undefined && (first.kind === 'standard' || rows.length === 1) ? first : undefined;
};

function groupPart(group: Group): Html {
  const head = headOf(group);
  const { id, title, citation } = head ?? group;
  const link = html`<a href="/trust/controls/${id}">${citation}</a>`;
  const cite = head === undefined ? citation : html`${head.kind === 'standard' && 'Standard, '}${link}`;
  const marks = head !== undefined && [levelMark(head), unverifiedMark(head)];
  const rest = head === undefined ? group.rows : group.rows.slice(1);
  return html`<div class="sheet group" id="${id}"><header><h4>${title} ${marks}</h4><p class="cite">${cite}</p></header>
${head !== undefined && firstPart(head)}${rest.map(rowPart)}</div>`;
}

const familyPart = ({ family, groups, counts }: FamilyFacts): Html => html`<section class="family"
 aria-labelledby="${family}">
<header><h3 id="${family}">${familyTitles[family]}</h3>
<p class="hint">${familySections[family]}. ${countWords(counts)}.</p></header>
<div class="pair heads" aria-hidden="true"><p>What the rule asks</p><p>What is done here, and whether it holds</p></div>
${groups.map(groupPart)}
<p class="up"><a href="#contents">Back to the contents<span class="unseen">, from ${familyTitles[family]}</span></a></p>
</section>`;

/** Every standard, specification and rule. */
export function rulesPart({ families, controls }: Facts): Html {
  const all = [...controls.values()];
  const of = (kind: string): number => all.filter((one) => one.kind === kind).length;
  return html`<section class="part" aria-labelledby="rules"><h2 id="rules">Rule by rule</h2>
<p>${counted(of('standard'), 'standard')} and ${counted(of('specification'), 'implementation specification')} of the
Security Rule, and ${counted(of('rule'), 'paragraph')} of it, of the Breach Notification Rule and of the Privacy Rule
that carry no label. <abbr title="Required">(Req)</abbr> is required; <abbr title="Addressable">(A)</abbr> is
addressable: it is implemented, replaced by an equivalent, or recorded as not reasonable, never simply left out.
What a rule asks stands here in our words; the regulation itself counts.</p>
${families.map(familyPart)}</section>`;
}
