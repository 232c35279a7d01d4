import { type Html, html } from './html.ts';

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** The pages do not know the reader's time zone without a script, so they say which one it is. */
export const timeOf = (at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${minute.format(at).replace(' at ', ', ')} UTC</time>`;

export const dayOf = (at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${day.format(at)}</time>`;
