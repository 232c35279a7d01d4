import { openBrowser } from './browser.ts';
import { password } from './join.ts';
import type { Script, Somebody } from './plan.ts';
import { codeAt, stepNow } from './totp.ts';
import type { Turn } from './turns.ts';

/** The next code of theirs that counts: each works once, a step before and after now as well. */
const nextStep = ({ step }: Somebody): number => Math.max(step + 1, stepNow() - 1);
const isGood = (step: number): boolean => step <= stepNow() + 1;

function* once(origin: string, { login, secret }: Somebody, step: number): Turn {
  const browser = openBrowser(origin);
  yield* browser.post('/sign-in', { login, password, tenant: 'default', return: '/account' });
  yield* browser.post('/sign-in/second/code', { code: codeAt(secret, step) }, 1);
}

/**
 * Whoever has waited longest signs in next, in a browser that nobody knows. Ends when nobody has a code that was not
 * used: a case needs people enough.
 */
export function signIn({ origin, people }: Extract<Script, { name: 'sign-in' }>): () => Turn {
  const waiting = [...people];
  return function* () {
    for (let person = waiting.shift(); person !== undefined; person = waiting.shift()) {
      const step = nextStep(person);
      if (!isGood(step)) return void waiting.unshift(person);
      yield* once(origin, person, step);
      waiting.push({ ...person, step });
    }
  };
}
