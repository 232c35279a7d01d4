import { type Html, html, linkButton, type Principal, type Value } from '@safeguard/http';
import type { NameOf } from '../api/names.ts';
import type { AccessRequest, Grant } from '../grants/types.ts';
import type { Policy } from '../policy/types.ts';

/** People by name, to somebody who reads: oneself is "you". */
export const callerOf =
  (nameOf: NameOf, { id: own }: Principal) =>
  (id: string): string => {
    if (id === own) return 'you';
    return id === 'operator' ? 'the operator, at the machine' : (nameOf(id).name ?? `account ${id}`);
  };
export type Call = ReturnType<typeof callerOf>;

export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** A role by its title; one that the policy does not know any more by its name. */
export const roleTitle = ({ roles }: Policy, role: string): string =>
  (Object.hasOwn(roles, role) ? roles[role]?.title : undefined) ?? role;

export const sensitiveTitle = ({ sensitive }: Policy, name: string): string =>
  (Object.hasOwn(sensitive, name) ? sensitive[name]?.title : undefined) ?? name;

export const states: Readonly<Record<AccessRequest['state'], string>> = {
  open: 'Waits for a decision',
  approved: 'Approved',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  lapsed: 'Not decided in time',
};

export const kinds: Readonly<Record<Grant['kind'], string>> = {
  standing: 'Standing',
  elevation: 'For a while',
  'break-glass': 'Emergency',
  relationship: 'By what the account is',
};

export const endings: Readonly<Record<NonNullable<Grant['ended_why']>, string>> = {
  ended: 'Ended by an officer',
  replaced: 'Replaced',
  'account terminated': 'The account was terminated',
  'not reviewed': 'Nobody reviewed it in time',
  review: 'Ended by a review',
  policy: 'Ended by a change of the policy',
};

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Ids stand alone: names of patients are for who may see them. */
export const patientList = (patients: readonly string[] | undefined): Html | false =>
  patients !== undefined && html`${patients.map((id) => html`<div><code>${id}</code></div>`)}`;

export const fact = (name: string, value: Value): Html | false =>
  value !== undefined && value !== false && value !== '' && html`<dt>${name}</dt><dd>${value}</dd>`;

export const facts = (all: readonly (Html | false)[]): Html => html`<dl class="facts">${all}</dl>`;

/** What somebody wrote, as they wrote it. */
export const said = (text: string): Html =>
  text === '' ? html`<p class="hint">Nothing that could still be read.</p>` : html`<p class="said">${text}</p>`;

export const sheet = (id: string, title: string, content: Value): Html =>
  html`<section class="sheet" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;

export const rows = (list: readonly Html[], none: string): Html =>
  list.length === 0 ? html`<p class="hint">${none}</p>` : html`<ul class="rows">${list}</ul>`;

/** One row: what it is, a line below it, and where it leads or what may be done. */
export const row = (title: Value, more: Value, act?: Value): Html =>
  html`<li class="row"><div><h3>${title}</h3><div class="hint">${more}</div></div>${act}</li>`;

export const open = (path: string, about: string, text = 'Show'): Html =>
  linkButton(html`${text}<span class="unseen"> ${about}</span>`, path);

/** The way to the next page of a list. */
export const further = (path: string, next: string | number | null, name = 'after'): Html | false =>
  next !== null && html`<p>${linkButton('More', `${path}${path.includes('?') ? '&' : '?'}${name}=${next}`)}</p>`;

/** Words of ours after what was done, by a fixed word in the address. */
export const done = (table: Readonly<Record<string, string>>, word: string | null): string | undefined =>
  word !== null && Object.hasOwn(table, word) ? table[word] : undefined;
