import {
  attributes,
  errorOf,
  field,
  type Html,
  html,
  notice,
  type RequestContext,
  timeOf,
  type Wrong,
} from '@safeguard/http';
import { dayText, endOfDay } from './words.ts';

/** The moment that a page speaks for: the end of a day that was asked for, or now. */
export interface Moment {
  readonly at: number;
  /** As it was given; empty: now. */
  readonly text: string;
  readonly wrong: readonly Wrong[];
}

const told = 'Choose a day that has come: nothing is known of the future.';

/** `?at=2026-11-22`: how it stood when that day ended (UTC). */
export function momentOf({ query }: RequestContext, now: number): Moment {
  const text = query.get('at') ?? '';
  if (text === '') return { at: now, text, wrong: [] };
  const end = endOfDay(text);
  const begun = end - 86_400_000 < now;
  if (begun) return { at: Math.min(end, now), text, wrong: [] };
  return { at: now, text: '', wrong: [{ field: 'at', text: told }] };
}

/** Chooses another day. Other questions of the address stay as they are. */
export const momentForm = (
  action: string,
  { text, wrong }: Moment,
  now: number,
  kept: Readonly<Record<string, string>> = {},
): Html => html`<form class="asking" method="get" action="${action}" novalidate>
${Object.entries(kept).map(
  ([name, value]) => value !== '' && html`<input${attributes({ type: 'hidden', name, value })}>`,
)}
${field({
  label: 'How it stood at the end of (UTC)',
  name: 'at',
  type: 'date',
  value: text,
  max: dayText(now),
  required: false,
  error: errorOf(wrong, 'at'),
})}
<button type="submit" class="quiet">Show that day</button></form>`;

/** The status of a page, and whether its title says that something is wrong. */
export const failed = (wrong: readonly Wrong[], status = 422): { status?: number; wrong?: true } =>
  wrong.length === 0 ? {} : { status, wrong: true };

/** For links that keep the day. */
export const atOf = ({ text }: Pick<Moment, 'text'>): string => (text === '' ? '' : `?at=${text}`);

/** Says what it is that stands here, where it is not the state of now. */
export const pastNotice = ({ text }: Moment, at: number): Html | false =>
  text !== '' &&
  notice(html`<p>This is how it stood at
${timeOf(at)}: by what was received, decided and published by then, held against
today’s list of controls.</p>`);
