import { type Answer, type Brand, dayOf, html, linkButton, raw } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { PolicyVersion } from '../policies/types.ts';
import { policyTable } from './closing.ts';
import { cached, trustPage } from './frame.ts';
import type { Facts, PolicyFacts } from './types.ts';
import { counted, roleWords } from './words.ts';

/** Those in force, of the house. */
export const isPublic = ({ state, tenant, published_at }: PolicyVersion, house: number): boolean =>
  state === 'published' && tenant === house && published_at !== undefined;

export const noPolicy = () => fault('missing', 'There is no such policy.');

export const policiesPage = (facts: Facts, brand: Brand): Answer =>
  trustPage({
    ...{ title: 'Policies', brand, here: '/trust/policies' },
    about: `The policies of ${facts.organization.name} that are in force.`,
    main: html`<h1>Policies</h1>
<p class="lead">Approved and published by ${facts.organization.name}, as they bind. Drafts are not shown.</p>
${policyTable(facts)}`,
  });

const about = (facts: Facts, policy: PolicyFacts) => {
  const { id, number, approvals, published_at, review_due_at, owner, digest, satisfies, drifted } = policy;
  const controls = satisfies.flatMap((control) => facts.controls.get(control) ?? []);
  return html`<aside class="sheet beside" aria-label="About this version"><dl class="facts tall">
<dt>Version</dt><dd>${number}</dd>
<dt>Approved and published</dt><dd>${dayOf(published_at)}, by ${counted(approvals, 'person', 'people')}</dd>
${review_due_at !== undefined && html`<dt>Next review by</dt><dd>${dayOf(review_due_at)}</dd>`}
<dt>Kept by</dt><dd>${roleWords(owner)}</dd>
<dt>SHA-256 of its text</dt><dd><code>${digest}</code></dd></dl>
${drifted && html`<p class="hint">A number in this text has another value by now: a new version is due.</p>`}
${linkButton('PDF', `/trust/policies/${id}.pdf`)}
${
  controls.length > 0 &&
  html`<details><summary>Serves ${counted(controls.length, 'rule')}</summary><ul class="bare">${controls.map(
    (one) =>
      html`<li><a href="/trust/controls/${one.id}">${one.title}</a> <span class="cite">${one.citation}</span></li>`,
  )}</ul></details>`
}</aside>`;
};

/** @param text the version as HTML, which begins with its heading */
export const policyPage = (facts: Facts, brand: Brand, policy: PolicyFacts, text: string): Answer =>
  trustPage({
    ...{ title: policy.title, brand, here: '/trust/policies' },
    about: `${policy.title}: policy of ${facts.organization.name}, version ${policy.number}.`,
    main: html`<div class="reading"><article class="prose sheet">${raw(text)}</article>${about(facts, policy)}</div>`,
  });

/** The version as it is printed: people who approved it are told as a number, not by their ids. */
export const printed = (version: PolicyVersion): PolicyVersion => ({
  ...version,
  approved_by: [`${counted(version.approved_by.length, 'person', 'people')} of the organization`],
});

export const pdfAnswer = ({ policy, number }: PolicyVersion, body: Buffer): Answer => ({
  status: 200,
  type: 'application/pdf',
  headers: { ...cached, 'Content-Disposition': `inline; filename="${policy}-${number}.pdf"` },
  body,
});
