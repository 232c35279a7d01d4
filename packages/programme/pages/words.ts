import { type Html, html, linkButton, type Principal, timeOf, type Value } from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import type { PolicyVersion } from '../policies/types.ts';
import type { StateName } from '../posture/types.ts';
import { mark } from '../trust/state-mark.ts';
import type { Step, Task } from '../workflow/types.ts';
import type { ProgrammePagesDeps } from './ports.ts';

/** In the order in which they want looking at. */
export const stateNames: readonly StateName[] = [
  'unmet',
  'unknown',
  'undocumented',
  'documented',
  'met',
  'not-applicable',
];

/** A state as a word with its form: colour is never all that tells them apart. */
export const stateTag = (state: StateName): Html => mark(state);

export const levelWords = { required: 'Required', addressable: 'Addressable', none: '' } as const;

export const decisionWords = {
  implemented: 'Implemented as it stands',
  alternative: 'An equivalent alternative in its place',
  'not-reasonable': 'Neither reasonable nor appropriate here',
} as const;

export const versionWords: Readonly<Record<PolicyVersion['state'], string>> = {
  draft: 'Draft',
  'in-review': 'Waits for approval',
  approved: 'Approved',
  published: 'In force',
  superseded: 'Superseded',
  rejected: 'Rejected',
};

export const taskWords: Readonly<Record<Task['state'], string>> = {
  open: 'Open',
  assigned: 'Being worked on',
  submitted: 'Waits for approval',
  done: 'Done',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
};

export const stepWords: Readonly<Record<Step['act'], string>> = {
  opened: 'Opened',
  assigned: 'Assigned',
  noted: 'Note',
  submitted: 'Handed in',
  approved: 'Approved',
  returned: 'Returned',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  done: 'Done: it took effect',
  reminded: 'Reminded',
  escalated: 'Escalated',
};

/** People by name, to somebody who reads: oneself is "you". */
export type Call = (id: string) => string;

const fixed: Readonly<Record<string, string>> = {
  operator: 'the operator, at the machine',
  service: 'Safeguard itself',
};

/** Looks the names up in one question. */
export async function callerOf(
  { names }: Pick<ProgrammePagesDeps, 'names'>,
  { tenant, id: own }: Principal,
  ids: readonly (string | undefined)[],
): Promise<Call> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined && isUuid(id) && id !== own))] as string[];
  const known = wanted.length === 0 ? undefined : await names?.(tenant, wanted);
  return (id) => (id === own ? 'you' : (fixed[id] ?? known?.get(id) ?? `account ${id}`));
}

export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `security-officer` → `security officer` */
export const roleWords = (role: string): string => role.replaceAll('-', ' ');

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
export const further = (path: string, next: string | null, name = 'after'): Html | false =>
  next !== null &&
  html`<p>${linkButton('More', `${path}${path.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(next)}`)}</p>`;

/** Words of ours after what was done, by a fixed word in the address. */
export const done = (table: Readonly<Record<string, string>>, word: string | null): string | undefined =>
  word !== null && Object.hasOwn(table, word) ? table[word] : undefined;

export const whenLate = (at: number, now: number): Html =>
  at < now ? html`<span class="late">${timeOf(at)}, overdue</span>` : timeOf(at);

/** What was typed or pasted: lines end in one way, nothing around it. */
export const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim();

export const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The end of a day, UTC; NaN for what is no day. */
export function endOfDay(text: string): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return start + 86_400_000 - 1;
}
