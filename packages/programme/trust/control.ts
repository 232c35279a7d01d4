import { type Answer, type Brand, type Html, html, timeOf } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { trustPage } from './frame.ts';
import { approachPart, levelMark, unverifiedMark, whyNotPart } from './row.ts';
import { mark, prose, standingPart } from './state-mark.ts';
import type { ControlFacts, Facts } from './types.ts';
import { familyTitles, lineTitles } from './words.ts';

/** The Electronic Code of Federal Regulations, which holds the text that counts. */
const regulation = (citation: string): string => {
  const named = citation.replace('45 CFR ', '');
  const section = /^\d{3}\.\d{3}/.exec(named)?.[0] ?? '';
  const paragraph = named === section ? '' : `#p-${encodeURIComponent(named)}`;
  return `https://www.ecfr.gov/current/title-45/section-${section}${paragraph}`;
};

const levels: Readonly<Record<ControlFacts['level'], string>> = {
  required: 'Required',
  addressable: 'Addressable',
  none: 'Without a label',
};

const kinds: Readonly<Record<ControlFacts['kind'], string>> = {
  standard: 'Standard',
  specification: 'Implementation specification',
  rule: 'Rule',
};

const carriers: Readonly<Record<ControlFacts['carried'][number]['by'], string>> = {
  platform: 'Carried by the platform.',
  shared: 'Shared with the customer.',
  customer: 'Carried by the customer.',
  'not-applicable': 'Not applicable.',
};

const entry = (title: string, value: Html | string | undefined | false): Html | undefined =>
  value === undefined || value === false ? undefined : html`<dt>${title}</dt><dd>${value}</dd>`;

const linked = (facts: Facts, id: string | undefined): Html | undefined => {
  const found = facts.controls.get(id ?? '');
  return found && html`<a href="/trust/controls/${found.id}">${found.title}</a>`;
};

const policyLinks = ({ policies }: ControlFacts): Html | false =>
  policies.length > 0 &&
  html`<ul class="bare">${policies.map(
    ({ id, section, title }) =>
      html`<li><a href="/trust/policies/${id}${section !== undefined && `#${section}`}">${title}</a></li>`,
  )}</ul>`;

const proofsPart = ({ proofs }: ControlFacts): Html | false =>
  proofs.length > 0 &&
  html`<section class="sheet" aria-labelledby="proofs"><h2 id="proofs">What its checks found to hold</h2>
<ul class="rows">${proofs.map(
    ({ title, at, how }) =>
      html`<li class="row"><div><p>${title}</p><p class="hint">${
        how === 'reported' ? 'Receipts of a tool beside the platform, judged' : 'Tried on the live platform'
      } ${timeOf(at)}</p></div></li>`,
  )}</ul></section>`;

const below = (facts: Facts, { id }: ControlFacts): Html | false => {
  const own = [...facts.controls.values()].filter(({ standard }) => standard === id);
  return (
    own.length > 0 &&
    html`<section class="sheet" aria-labelledby="below"><h2 id="below">Its specifications</h2>
<ul class="rows">${own.map(
      (one) => html`<li class="row" data-control="${one.id}"><p><a href="/trust/controls/${one.id}">${one.title}</a>
${levelMark(one)}<span class="cite">${one.citation}</span></p>${mark(one.standing.state)}</li>`,
    )}</ul></section>`
  );
};

const carriedPart = ({ carried }: ControlFacts): Html[] =>
  carried.flatMap(({ line, by, customer, with: needs }) => [
    html`<dt>Who carries it (${lineTitles[line]})</dt><dd>${carriers[by]}${customer !== undefined && ` ${customer}`}${
      needs.length > 0 && ` With the service: ${needs.join(', ')}.`
    }</dd>`,
  ]);

/** One control under an address of its own. Fault `missing` for one that is none. */
export function controlPage(facts: Facts, brand: Brand, id: string): Answer {
  const control = facts.controls.get(id);
  if (control === undefined) throw fault('missing', 'There is no such control.');
  const { title, citation, requirement, family, kind, level, standing, standard, crosswalks } = control;
  return trustPage({
    ...{ title: `${title}, ${citation}`, brand, here: '/trust' },
    about: `${citation}, ${title}: what ${facts.organization.name} does about it, and whether it holds.`,
    main: html`<article class="one" data-control="${id}"><h1>${title} ${levelMark(control)}</h1>
<p class="lead">${citation}${unverifiedMark(control)}</p>
<section class="sheet"><div class="pair"><div class="asks"><h2>What the rule asks</h2><p>${prose(requirement)}</p>
<p class="hint">In our words. <a href="${regulation(citation)}">Read the regulation</a></p></div>
<div class="does"><h2>What is done here</h2>${standingPart(standing)}${approachPart(control)}${whyNotPart(control)}
<p class="hint">As of ${timeOf(facts.at)}</p></div></div></section>
${below(facts, control)}
${proofsPart(control)}
<section class="sheet" aria-labelledby="more"><h2 id="more">Where it belongs</h2><dl class="facts">
${entry('Part of', html`<a href="/trust#${family}">${familyTitles[family]}</a>`)}
${entry('What it is', `${kinds[kind]}. ${levels[level]}.`)}
${entry('Standard', linked(facts, standard))}
${entry('Policies', policyLinks(control))}
${carriedPart(control)}
${crosswalks.map((one) => entry(one.title, one.ids.join(', ')))}
</dl></section>
<p><a href="/trust#${id}">See it among the others</a></p>
</article>`,
  });
}
