import type { Answer, Instance } from '../harness/instance.ts';
import { type Person, signIn } from '../harness/people.ts';
import { type Jar, openJar } from '../harness/people-jar.ts';

/** A page that a person saw on the way from an app's request to its answer. */
export type Seen = 'sign-in' | 'patient' | 'encounter' | 'consent';

export interface Walk {
  /** Where the browser ended: an address of the app's, or of a page of ours that it stays at. */
  readonly at: URL;
  readonly answer: Answer;
  readonly seen: readonly Seen[];
}

export interface Walker {
  readonly person: Person;
  readonly jar: Jar;
  /** The id of the Patient to be chosen where one is asked for. */
  readonly patient?: string;
  /** What to search for in the picker. */
  readonly search?: string;
}

/** A browser in which a person is signed in already; `fresh`: nobody is. */
export const browserOf = (instance: Instance, person: Person, { fresh = false } = {}): Jar =>
  openJar(instance, fresh ? [] : person.jar.cookies);

const formType = { 'content-type': 'application/x-www-form-urlencoded' };
type Landed = Answer & { readonly at: string };

/** Posts a form that may name a field more than once, and goes where it leads. */
async function send(jar: Jar, path: string, fields: [string, string][]): Promise<Landed> {
  const body = new URLSearchParams(fields).toString();
  const answer = await jar.ask({ method: 'POST', path, headers: formType, body });
  const { location } = answer.headers;
  const at = new URL(path, jar.instance.url).href;
  if (typeof location !== 'string') return { ...answer, at };
  const next = new URL(location, at);
  return next.origin === new URL(at).origin ? jar.go(next.href) : { ...answer, at: next.href };
}

const plain = (text: string): string => text.replaceAll('&amp;', '&').replaceAll('&#39;', "'");

/** Everything that the consent form has, ticked as it was offered. */
const fieldsOf = (page: string): [string, string][] =>
  [...page.matchAll(/<input [^>]*>/g)].flatMap(([tag]) => {
    const [name, value] = ['name', 'value'].map((key) => new RegExp(` ${key}="([^"]*)"`).exec(tag)?.[1]);
    return name === undefined || value === undefined ? [] : [[plain(name), plain(value)] as [string, string]];
  });

const pickFrom = async ({ jar, patient, search }: Walker, path: string, page: string): Promise<Landed> => {
  if (!page.includes(`value="${patient}"`) && search !== undefined)
    await send(jar, `${path}/search`, [['text', search]]);
  return send(jar, `${path}/patient`, [['patient', patient ?? '']]);
};

/** One page on: what it was, and where the person's answer leads. */
async function step(walker: Walker, now: Landed): Promise<{ seen: Seen; next: Landed } | undefined> {
  const { pathname, searchParams } = new URL(now.at);
  const { jar, person } = walker;
  if (pathname === '/sign-in' && now.status === 200) {
    const back = searchParams.get('return') ?? '';
    await signIn(jar.instance, person, { jar, return_to: back });
    return { seen: 'sign-in', next: await jar.go(back) };
  }
  if (!pathname.startsWith('/interaction/') || now.status !== 200) return undefined;
  if (now.text.includes(`${pathname}/consent"`)) {
    return { seen: 'consent', next: await send(jar, `${pathname}/consent`, fieldsOf(now.text)) };
  }
  if (now.text.includes(`${pathname}/encounter"`)) {
    return { seen: 'encounter', next: await send(jar, `${pathname}/encounter`, [['encounter', '']]) };
  }
  return { seen: 'patient', next: await pickFrom(walker, pathname, now.text) };
}

/** Follows an authorization request as its person would: signs in, chooses, allows all that is asked. */
export async function walk(walker: Walker, first: Landed): Promise<Walk> {
  const seen: Seen[] = [];
  let now = first;
  for (let pages = 0; pages < 8; pages++) {
    const on = new URL(now.at).origin === new URL(walker.jar.instance.url).origin ? await step(walker, now) : undefined;
    if (on === undefined) return { at: new URL(now.at), answer: now, seen };
    seen.push(on.seen);
    now = on.next;
  }
  throw new Error(`no end of pages: ${seen.join(', ')}`);
}
