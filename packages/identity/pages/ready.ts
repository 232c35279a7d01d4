import { type Answer, html, page, type RequestContext } from '@safeguard/http';
import type { PageDeps } from './ports.ts';

type Handle = (context: RequestContext) => Promise<Answer> | Answer;

/** Before the first administrator exists there is nobody to sign in: told so, and nothing else is done. */
export const notSetUp = async (deps: PageDeps): Promise<Answer> =>
  page({
    title: 'Not set up yet',
    brand: await deps.brand(0),
    status: 503,
    wrong: true,
    headers: { 'Retry-After': '60' },
    main: html`<h1>This server is not set up yet</h1>
<p class="lead">Nobody can sign in until its first administrator has an account.</p>
<p>If that is you: open the one-time link that the server wrote down when it was started.</p>`,
  });

/** The page, once an administrator exists; one always exists from then on. */
export const onceReady = (deps: PageDeps, handle: Handle): Handle => {
  let known = false;
  return async (context) => {
    known ||= await deps.ready();
    return known ? handle(context) : notSetUp(deps);
  };
};
