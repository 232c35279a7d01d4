import type { Answer, RequestContext } from '../types.ts';
import { attributes, type Html, html } from './html.ts';
import type { PageParts } from './layout.ts';

/** A page for somebody who is signed in. */
export interface FramedParts extends Omit<PageParts, 'brand' | 'nav'> {
  /** The entry of the way around that it belongs to: a path. */
  readonly here: string;
  /** A second way around, below the first: `wayAround`. */
  readonly around?: Html;
}

/** What `identity` does for pages of other packages: it knows whose they are. */
export interface Frame {
  /** With the brand of the tenant and the way around of this person. */
  page(context: RequestContext, parts: FramedParts): Promise<Answer>;
  /**
   * To show a factor again, and back to `return_to`: a path of ours, without a query. What was asked was not done: the
   * ledger says so.
   */
  stepUp(context: RequestContext, return_to: string): Promise<Answer>;
}

/** Where a way around leads: a path, and its name. */
export type Entry = readonly [path: string, text: string];

const link = ([path, text]: Entry, here: string): Html =>
  html`<li><a href="${path}"${attributes({ 'aria-current': path === here ? 'page' : undefined })}>${text}</a></li>`;

/** The way around the pages of one matter. `label` names it for who hears the page. */
export const wayAround = (label: string, entries: readonly Entry[], here: string): Html =>
  html`<nav class="nav second" aria-label="${label}"><ul>${entries.map((each) => link(each, here))}</ul></nav>`;
