import { dayOf, type Html, html, timeOf, type Value } from '@safeguard/http';
import type { DenialBasis, RightKind, RightRequest } from '../types.ts';

export const kinds: Readonly<Record<RightKind, string>> = {
  export: 'A copy of the record',
  amendment: 'A correction of the record',
  objection: 'An objection to an access',
};

const states: Readonly<Record<RightRequest['state'], string>> = {
  open: 'Open',
  fulfilled: 'Done',
  denied: 'Denied',
  withdrawn: 'Taken back',
};
const fulfilled: Readonly<Record<RightKind, string>> = {
  export: 'Handed over',
  amendment: 'Corrected',
  objection: 'Answered',
};

export const stateOf = ({ state, kind }: RightRequest): string =>
  state === 'fulfilled' ? fulfilled[kind] : states[state];

export const bases: Readonly<Record<DenialBasis, string>> = {
  'not created by us': 'It was not created by us',
  'not part of the record': 'It is not part of the record',
  'not available for inspection': 'It is not available for inspection',
  'accurate and complete': 'It is accurate and complete',
  'psychotherapy notes': 'They are psychotherapy notes',
  'prepared for legal proceedings': 'It was prepared for legal proceedings',
  'danger to life or safety': 'It would endanger somebody’s life or safety',
};

const day_ms = 86_400_000;

export const isLate = ({ state, due_at }: RightRequest, now: number): boolean => state === 'open' && due_at < now;

/** How long there is still time, or since when there is none. */
export function leftOf(request: RightRequest, now: number): Html {
  const days = Math.ceil(Math.abs(request.due_at - now) / day_ms);
  const count = `${days} day${days === 1 ? '' : 's'}`;
  if (isLate(request, now)) return html`<span class="late">Overdue by ${count}</span>`;
  return html`${count} left, until ${dayOf(request.due_at)}`;
}

export const said = (text: string): Html => html`<p class="said">${text}</p>`;

export const fact = (name: string, value: Value): Html | false =>
  value !== undefined && value !== false && value !== '' && html`<dt>${name}</dt><dd>${value}</dd>`;

export const sheet = (id: string, title: string, content: Value): Html =>
  html`<section class="sheet" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;

/** What became of a request, for whoever asked and for whoever answers. */
export const answerFacts = (of: RightRequest): Html => html`
${of.extension !== undefined && fact('Extended', html`${timeOf(of.extension.at)}${said(of.extension.reason)}`)}
${of.closed_at !== undefined && fact('Closed', timeOf(of.closed_at))}
${of.answer?.basis !== undefined && fact('Why it was denied', bases[of.answer.basis])}
${of.answer !== undefined && fact('Answer', said(of.answer.text))}
${
  of.disagreement !== undefined &&
  fact('Statement of disagreement', html`${timeOf(of.disagreement.at)}${said(of.disagreement.text)}`)
}
${
  (of.fetched ?? []).length > 0 &&
  fact(
    'Copies fetched',
    (of.fetched ?? []).map((at) => html`<div>${timeOf(at)}</div>`),
  )
}`;

export const done = (table: Readonly<Record<string, string>>, word: string | null): string | undefined =>
  word !== null && Object.hasOwn(table, word) ? table[word] : undefined;
