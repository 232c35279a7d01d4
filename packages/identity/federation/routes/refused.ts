import { type Answer, html, linkButton, page, type RequestContext } from '@safeguard/http';
import type { Provider } from '../providers/rows.ts';
import { type Reason, Refusal } from '../refusal.ts';
import type { RouteDeps } from './deps.ts';

const noAccount = 'It worked, but no account here is open to you. Ask whoever manages accounts.';
const texts: Partial<Readonly<Record<Reason, string>>> = {
  'account not known': noAccount,
  'account not active': noAccount,
  'directory not certain': noAccount,
  'login taken': noAccount,
  'no login in the answer': noAccount,
  'address not allowed': 'It worked, but your e-mail address is not one that may sign in here.',
  'account has another link': 'This account, or the one at the provider, is linked to another one already.',
  'another person': 'Somebody else is signed in at the provider. Sign out there, and try again.',
  'provider did not answer': 'The provider does not answer. Please try again in a few minutes.',
};

/** A text for the person, without a word of the provider's or the library's. */
const textOf = (reason: Reason): string => texts[reason] ?? 'It took too long, or something in it was not right.';

async function refusedPage(deps: RouteDeps, { tenant }: Provider, reason: Reason): Promise<Answer> {
  return page({
    title: 'Single sign-on did not succeed',
    brand: (await deps.brand?.(tenant)) ?? { name: 'Safeguard' },
    wrong: true,
    status: reason === 'provider did not answer' ? 503 : 403,
    headers: { 'Cache-Control': 'no-store' },
    main: html`<h1>Single sign-on did not succeed</h1><p class="lead">${textOf(reason)}</p>
${linkButton('Go to sign-in', '/sign-in', 'main')}`,
  });
}

/**
 * Runs what may refuse a provider's answer: the reason goes to the ledger, a page of ours to the person, and to the log
 * alone what a provider that does not answer failed with.
 */
export async function guarded(
  deps: RouteDeps,
  context: RequestContext,
  provider: Provider,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { reason, cause } = error;
    const silent = reason === 'provider did not answer';
    context.found?.({ outcome: silent ? 'fail' : 'deny', reason });
    if (silent) deps.log.warn('a provider of single sign-on did not answer', { error: cause });
    return refusedPage(deps, provider, reason);
  }
}
