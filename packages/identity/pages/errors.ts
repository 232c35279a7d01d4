import { type Answer, type Brand, html, linkButton, type PageError, page, seeOther } from '@safeguard/http';
import type { Fault, FaultKind } from '@safeguard/kernel';
import { returnPath } from '../sign-in/return-path.ts';

interface Words {
  readonly title: string;
  readonly text: string;
}

const wrongRequest: Words = {
  title: 'That did not work',
  text: 'The page sent something that could not be used. Go back, reload the page and try again.',
};
const slow: Words = { title: 'That took too long', text: 'The connection was too slow. Please try again.' };

/** What a person can do about it. Never the fault's own text: it is written for whoever writes programs. */
const words: Partial<Readonly<Record<FaultKind, Words>>> = {
  forbidden: {
    title: 'This is not allowed',
    text: 'Your account may not do this, or the form did not come from a page of this server. Reload the page.',
  },
  missing: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or what was here has ended.',
  },
  method: { title: 'There is no such page', text: 'This address is not meant to be opened directly.' },
  conflict: { title: 'Please start again', text: 'Something changed in the meantime, so this step was not done.' },
  gone: { title: 'Please start again', text: 'This took too long, or was finished elsewhere. Nothing was changed.' },
  timeout: slow,
  tooMany: { title: 'Too many tries', text: 'Please wait a few minutes, then try again.' },
  internal: {
    title: 'Something went wrong here',
    text: 'This is our mistake, not yours. Please try again in a while.',
  },
  unavailable: {
    title: 'Not available right now',
    text: 'A part of this service does not answer. Please try again in a minute.',
  },
};

const retryHeaders = ({ kind, retry_after_s = 60 }: Fault): Record<string, string> =>
  (kind === 'tooMany' || kind === 'unavailable') && retry_after_s > 0
    ? { 'Retry-After': String(Math.ceil(retry_after_s)) }
    : {};

const unbranded: Brand = { name: 'Safeguard' };

/** Only a page that was looked at is gone back to: what was posted is not posted again. */
const wayBack = ({ method, url }: PageError): string =>
  method === 'GET' || method === 'HEAD' ? returnPath(url.split('?', 1)[0]) : returnPath(undefined);

/**
 * A fault as a page for a person; for one who has to sign in first, the way there. The request id is shown: by it the
 * operator finds the entry in the ledger. Throws nothing.
 */
export function errorPage(told: Fault, asked: PageError): Answer {
  if (told.kind === 'unauthenticated') return seeOther(`/sign-in?return=${encodeURIComponent(wayBack(asked))}`);
  const { title, text } = words[told.kind] ?? wrongRequest;
  return page({
    title,
    brand: unbranded,
    wrong: true,
    status: asked.status,
    headers: retryHeaders(told),
    main: html`<h1>${title}</h1>
<p class="lead">${text}</p>
${linkButton('Go to your account', '/account', 'main')}
<p class="hint">If you ask for help, give this number: <code>${asked.id}</code></p>`,
  });
}
