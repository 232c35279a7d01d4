import { type Browser, openBrowser, pathOf } from './browser.ts';
import type { Ask, NewPerson, Script, Somebody } from './plan.ts';
import type { Response } from './response.ts';
import { codeAt, stepNow } from './totp.ts';
import type { Keep, Turn } from './turns.ts';

/** Of everybody: what is measured is not how it is guessed. */
export const password = 'a-tame-otter-crosses-the-quiet-river';

function* setUp(browser: Browser, { path, login }: NewPerson): Generator<Ask, Somebody, Response> {
  const first = pathOf(yield* browser.post(path, {}));
  if (first === '/sign-in/account') yield* browser.post(first, { name: 'Ada Admin', login });
  yield* browser.post('/sign-in/password', { password, again: password });
  yield* browser.post('/sign-in/enrol/app', {});
  const app = yield* browser.get('/sign-in/enrol/app', 200);
  const secret = (/class="secret"[^>]*>([^<]*)/.exec(app.body.toString())?.[1] ?? '').replaceAll(' ', '');
  // The oldest that still counts: later ones are left for signing in.
  const step = stepNow() - 1;
  yield* browser.post('/sign-in/enrol/app/code', { code: codeAt(secret, step) });
  yield* browser.post('/sign-in/codes', { kept: 'yes' }, 1);
  return { login, secret, step, cookies: browser.cookies() };
}

/** The links in turn, each in a browser of its own. */
export function join({ origin, links }: Extract<Script, { name: 'join' }>, keep: Keep): () => Turn {
  const left = links.values();
  return function* () {
    for (const link of left) keep(JSON.stringify(yield* setUp(openBrowser(origin), link)));
  };
}
