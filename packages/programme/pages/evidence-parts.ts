import { type Html, html, timeOf } from '@safeguard/http';
import type { PlacedEvidence } from '../checks/types.ts';
import type { CheckState } from '../posture/types.ts';
import { counted, fact, facts, open, row, stateTag } from './words.ts';

const whyWords = {
  schedule: 'on schedule',
  start: 'after a start',
  change: 'after a change',
  asked: 'asked for',
} as const;

const exceptionList = (exceptions: readonly string[], more: number): Html | false =>
  exceptions.length > 0 &&
  html`<ul class="plain">${exceptions.map((one) => html`<li><code>${one}</code></li>`)}${
    more > 0 && html`<li>and ${more} more</li>`
  }</ul>`;

const period = (from: number, until: number): Html | false =>
  from !== until && html`${timeOf(from)} to ${timeOf(until)}`;

/** One piece of evidence, whole: what was asked, how much was looked at, what was seen, where it is written down. */
export function evidenceFacts({ evidence: one, place }: PlacedEvidence): Html {
  const { at, from, until, examined, saw, todo, exceptions = [], more = 0, query, how, why, took_ms, code } = one;
  return facts([
    fact('Seen', saw),
    fact('To do', todo),
    fact('When', html`${timeOf(at)}, ${whyWords[why]}`),
    fact('Speaks for', period(from, until)),
    fact('Examined', counted(examined, 'thing')),
    fact('Exceptions', exceptionList(exceptions, more)),
    fact('Asked', query),
    fact(
      'How',
      how === 'performed' ? 'Safeguard tried it itself' : 'Judged by what a tool beside Safeguard left (a receipt)',
    ),
    fact('Took', `${Math.round(took_ms)} ms`),
    fact(
      'Code',
      html`${code.version}, <code>${code.digest.slice(0, 16)}</code>; programme <code>
${code.programme.slice(0, 16)}</code>`,
    ),
    fact('In the log', html`<code>${place.log}</code>, entry ${place.index}, id <code>${one.id}</code>`),
  ]);
}

/** A check as it stands, with its newest evidence below. */
export const checkPart = ({ check, title, state, because, fresh_until, evidence }: CheckState): Html => html`<li
class="row"><div><h3>${title} ${stateTag(state)}</h3><p class="hint"><code>${check}</code></p>
<p>${because}</p>
${fresh_until !== undefined && html`<p class="hint">Counts until ${timeOf(fresh_until)}.</p>`}
${
  evidence !== undefined &&
  html`<details><summary>The evidence<span class="unseen"> of ${check}</span></summary>
${evidenceFacts(evidence)}</details>`
}</div>
${open(`/programme/checks/${check}`, `all evidence of ${check}`, 'History')}</li>`;

export const checkRow = ({ check, title, state, because, evidence }: CheckState): Html =>
  row(
    html`${title} ${stateTag(state)}`,
    html`<p><code>${check}</code>${evidence !== undefined && html`, last run ${timeOf(evidence.evidence.at)}`}</p><p>
${because}</p>`,
    open(`/programme/checks/${check}`, check),
  );
