import { type Browser, locationOf, openBrowser, pathOf } from './browser.ts';
import type { Ask, Script } from './plan.ts';
import type { Response } from './response.ts';
import type { Keep, Turn } from './turns.ts';

const entities: Readonly<Record<string, string>> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' };
const decoded = (text: string): string => text.replaceAll(/&([^;]+);/g, (whole, name) => entities[name] ?? whole);

/** The fields of a consent page as they stand: what is ticked, what is hidden. */
function fieldsOf(page: string): string {
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string): string => decoded(new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? '');
    if (/ checked/.test(input) || attribute('type') === 'hidden') fields.append(attribute('name'), attribute('value'));
  }
  return fields.toString();
}

/** The first time the person is asked; what they said is remembered. */
function* code(browser: Browser, origin: string, request: string): Generator<Ask, string, Response> {
  let answer = yield* browser.get(request, 303, 1);
  const page = pathOf(answer);
  if (isOurs(origin, answer)) {
    const shown = yield* browser.get(page, 200);
    const on = pathOf(yield* browser.post(`${page}/consent`, fieldsOf(shown.body.toString())));
    answer = yield* browser.get(on, 303);
  }
  const { searchParams } = new URL(locationOf(answer), origin);
  const made = searchParams.get('code');
  if (made === null) throw new Error(`no code but ${searchParams}`);
  return made;
}

const isOurs = (origin: string, answer: Response): boolean => new URL(locationOf(answer), origin).origin === origin;

/** Each connection is the browser of somebody who is signed in, and authorizes again and again. */
export function authorize(script: Extract<Script, { name: 'authorize' }>, keep: Keep): (connection: number) => Turn {
  const { origin, path, cookies, rounds = Number.POSITIVE_INFINITY } = script;
  return function* (connection) {
    const cookie = cookies[connection % cookies.length];
    for (let round = 0; round < rounds; round += 1) keep(yield* code(openBrowser(origin, cookie), origin, path));
  };
}
