import { attributes, type Html, html, raw, timeOf } from '@safeguard/http';
import type { Counts, PublicState, Standing } from './types.ts';
import { counted, stateWords } from './words.ts';

/** Each has a form of its own: colour is never all that tells them apart. */
const forms: Readonly<Record<PublicState, string>> = {
  met: 'm3.500 8.500 3 3 6-7',
  documented: 'M4 2.500h5.500L12 5v8.500H4zM6.300 8h3.400M6.300 10.500h3.400',
  unmet: 'm4.500 4.500 7 7M11.500 4.500l-7 7',
  unknown: 'M5.600 6.300a2.400 2.400 0 1 1 3.500 2.100C8.300 8.800 8 9.300 8 10M8 12.700v.1',
  undocumented: 'M4 2.500h5.500L12 5v8.500H4zM2.500 14.500l11-13',
  unpublished: 'M2.500 14 13.500 2M2 8c3.500-5 8.500-5 12 0-3.500 5-8.500 5-12 0',
  'not-applicable': 'M4 8h8',
};

const form = (state: PublicState): Html =>
  raw(`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="${forms[state]}"/>
</svg>`);

/** A state as a word with its form. */
export const mark = (state: PublicState): Html =>
  html`<span class="state ${state}" data-state="${state}">${form(state)}${stateWords[state]}</span>`;

const receipts = ({ reported = 0, checks = 0 }: Standing): string | false => {
  if (reported === 0) return false;
  return reported === checks ? ', on receipts of other tools' : `, ${reported} on receipts of other tools`;
};

/** When it was examined, and by how many checks. */
export function examined(standing: Standing): Html | undefined {
  const { state, checks, since, last } = standing;
  if (state === 'unpublished' || state === 'not-applicable' || checks === undefined) return undefined;
  if (checks === 0) return html`<p class="examined">No check; it rests on policy</p>`;
  const by = html`${counted(checks, 'check')}${receipts(standing)}`;
  if (since !== undefined) {
    return html`<p class="examined">Examined by ${by}; ${checks > 1 ? 'all run since' : 'run'} ${timeOf(since)}</p>`;
  }
  return html`<p class="examined">${by}${last !== undefined && html`; last examined ${timeOf(last)}`}</p>`;
}

/** A state and how it was examined. */
export const standingPart = (standing: Standing): Html =>
  html`<p class="stands"><span class="unseen">State: </span>${mark(standing.state)}</p>${examined(standing)}`;

const drawn: readonly PublicState[] = ['met', 'documented', 'unknown', 'undocumented', 'unmet', 'unpublished'];

/** Shares of what applies, drawn; the numbers stand beside it. */
export function bar(counts: Counts): Html {
  const total = drawn.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  let x = 0;
  const parts = drawn.flatMap((state) => {
    const width = counts[state] ?? 0;
    if (width === 0) return [];
    x += width;
    return [html`<rect${attributes({ class: state, x: x - width, width, height: 1 })}/>`];
  });
  const box = `0 0 ${Math.max(1, total)} 1`;
  return html`<svg class="bar" viewBox="${box}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${parts}
</svg>`;
}

/** Text with `names` in it. */
export const prose = (text: string): Html[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
