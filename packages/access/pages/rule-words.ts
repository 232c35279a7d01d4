import { type Html, html } from '@safeguard/http';
import type { Category, Policy, Rule, Subjects, Where } from '../policy/types.ts';
import { roleTitle } from './words.ts';

const verbs: Readonly<Record<string, string>> = { c: 'add', r: 'read', u: 'change', d: 'delete', s: 'search' };
const order = 'rscud';

const listed = (parts: readonly string[], word = 'and'): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`;

/** `rs` → `read and search`. */
export const letterWords = (letters: string): string =>
  letters === ''
    ? 'nothing'
    : listed([...order].filter((letter) => letters.includes(letter)).map((letter) => verbs[letter] ?? letter));

const interactionVerbs: Readonly<Record<Rule['interactions'][number], string>> = {
  create: 'add',
  read: 'read',
  update: 'change',
  delete: 'delete',
  search: 'search',
};

function who(policy: Policy, { roles = [], groups = [], users = [], clients = [], everyone }: Subjects): string {
  const parts = [
    ...roles.map((name) => roleTitle(policy, name)),
    ...(everyone === true ? ['everybody'] : []),
    ...groups.map((id) => `the group ${id}`),
    ...users.map((id) => `the account ${id}`),
    ...clients.map((id) => `the program ${id}`),
  ];
  return listed(parts, 'or');
}

const titleOf = (categories: Readonly<Record<string, Category>>, type: string): string => {
  const [, name = ''] = /^category:(.+)$/.exec(type) ?? [];
  return name === '' ? (type === '*' ? 'everything' : type) : (categories[name]?.title.toLowerCase() ?? name);
};

const compartments: Readonly<Record<NonNullable<Where['compartment']>, string>> = {
  own: 'of patients that the account stands for',
  'care-team': 'of patients on whose care team the person is',
  organization: 'of patients of the person’s organization',
  granted: 'of patients that the right names',
};

function conditions({ compartment, query, labels, purposes, networks, hours, fresh_s, test }: Where): string[] {
  return [
    ...(compartment === undefined ? [] : [compartments[compartment]]),
    ...(query === undefined ? [] : [`that fulfil ${query}`]),
    ...(labels?.any === undefined ? [] : [`labelled ${listed(labels.any, 'or')}`]),
    ...(labels?.none === undefined ? [] : [`not labelled ${listed(labels.none, 'or')}`]),
    ...(purposes === undefined ? [] : [`for the purposes ${listed(purposes, 'or')}`]),
    ...(networks === undefined ? [] : [`from ${listed(networks, 'or')}`]),
    ...(hours === undefined
      ? []
      : [`${hours.days === undefined ? 'daily' : listed(hours.days)} ${hours.from} to ${hours.to} (${hours.zone})`]),
    ...(fresh_s === undefined ? [] : [`with a factor shown within ${fresh_s} s`]),
    ...(test === true ? ['in tenants without real patients'] : []),
  ];
}

const shownAs: Readonly<Record<string, string>> = {
  'without-identity': 'without what identifies a person',
  limited: 'as a limited data set',
  deidentified: 'de-identified',
};

/** One rule as a sentence, and what it is for. */
export function ruleWords(policy: Policy, rule: Rule): Html {
  const verb = rule.effect === 'permit' ? 'may' : 'must not';
  const what = listed(rule.types.map((type) => titleOf(policy.categories, type)));
  const does = listed(rule.interactions.map((one) => interactionVerbs[one]));
  const parts = [
    `${who(policy, rule.who)} ${verb} ${does}: ${what}`,
    ...conditions(rule.where ?? {}),
    ...(rule.view === undefined || rule.view === 'full' ? [] : [shownAs[rule.view] ?? rule.view]),
    ...(rule.opens === undefined ? [] : [`also sensitive: ${listed(rule.opens)}`]),
    ...(rule.hide === undefined ? [] : [`without ${listed(rule.hide)}`]),
    ...(rule.readonly === undefined ? [] : [`not changing ${listed(rule.readonly)}`]),
  ];
  return html`<li class="row"><div><h3><code>${rule.id}</code> <span class="tag">${rule.effect}</span></h3>
<p>${parts.join(', ')}.</p><p class="hint">${rule.reason}</p></div></li>`;
}

/** Short enough for a cell: who reads also searches, in every policy that makes sense; where not, it is said. */
function cellWords(letters: string): string {
  if (letters === '') return '–';
  if (letters.length === order.length) return 'everything';
  const searches = letters.includes('r') === letters.includes('s');
  const said = [...order].filter((letter) => letters.includes(letter) && !(letter === 's' && searches));
  const words = said.map((letter) => verbs[letter] ?? letter).join(', ');
  return searches || letters.includes('s') ? words : `${words} (no search)`;
}

/** What each role reaches at most, by kind of data (45 CFR 164.514(d)). It scrolls in itself. */
export function matrixTable(policy: Policy): Html {
  const categories = Object.entries(policy.categories);
  const roles = Object.keys(policy.roles);
  const cell = (role: string, category: string): string => cellWords(policy.matrix[role]?.[category] ?? '');
  return html`<div class="scroll cells" role="region" aria-label="Roles and kinds of data" tabindex="0"><table>
<caption>Reading includes searching.</caption>
<thead><tr><th scope="col">Kind of data</th>${roles.map(
    (role) => html`<th scope="col">${roleTitle(policy, role)}</th>`,
  )}</tr></thead>
<tbody>${categories.map(
    ([name, { title }]) =>
      html`<tr><th scope="row">${title}</th>${roles.map((role) => html`<td>${cell(role, name)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}
