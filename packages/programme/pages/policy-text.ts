import { type Html, html, raw } from '@safeguard/http';
import type { Change, Policies, PolicyVersion } from '../policies/types.ts';

/**
 * A version's text as it is read: its title is the page's, its sections are found under names apart from the page's own
 * (`#p-activity-review`), and what is wide scrolls in itself. Only what the renderer made is replaced: quotes and angle
 * brackets of an author come out of it escaped.
 */
export function textOf({ html: rendered }: Pick<Policies, 'html'>, version: PolicyVersion): Html {
  let n = 0;
  const region = (tag: string) => (): string => {
    n += 1;
    return `<div class="scroll" role="region" aria-label="Wide part ${n}" tabindex="0"><${tag}>`;
  };
  const text = rendered(version)
    .replace(/<h1[^>]*>.*?<\/h1>/s, '')
    .replaceAll(' id="', ' id="p-')
    .replaceAll(' href="#', ' href="#p-')
    .replaceAll('<table>', region('table'))
    .replaceAll('</table>', '</table></div>')
    .replaceAll('<pre>', region('pre'))
    .replaceAll('</pre>', '</pre></div>');
  return html`<div class="prose">${raw(text)}</div>`;
}

const context_lines = 3;

type Piece = Change | { readonly kind: 'left-out'; readonly lines: number };

/** Changes with a few lines around them; what stays the same is left out and counted. */
export function pieces(changes: readonly Change[]): Piece[] {
  const near = changes.map(({ kind }) => kind !== 'same');
  const isNear = (at: number): boolean =>
    near.slice(Math.max(0, at - context_lines), at + context_lines + 1).includes(true);
  const shown: Piece[] = [];
  let left = 0;
  const flush = (): void => {
    if (left > 0) shown.push({ kind: 'left-out', lines: left });
    left = 0;
  };
  for (const [at, change] of changes.entries()) {
    if (!isNear(at)) left += 1;
    else {
      flush();
      shown.push(change);
    }
  }
  flush();
  return shown;
}

function pieceOf(piece: Piece): Html {
  if (piece.kind === 'left-out') return html`<li class="left-out">${piece.lines} unchanged</li>`;
  const text = piece.text === '' ? ' ' : piece.text;
  if (piece.kind === 'added') return html`<li><ins><span class="unseen">Added: </span>${text}</ins></li>`;
  if (piece.kind === 'removed') return html`<li><del><span class="unseen">Removed: </span>${text}</del></li>`;
  return html`<li>${text}</li>`;
}

/** Two texts line by line. */
export const redlineOf = (changes: readonly Change[]): Html =>
  changes.some(({ kind }) => kind !== 'same')
    ? html`<ul class="redline">${pieces(changes).map(pieceOf)}</ul>`
    : html`<p class="hint">The texts are the same.</p>`;
