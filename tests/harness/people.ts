import { generateSync } from 'otplib';
import type { Answer, Instance } from './instance.ts';
import { approversIn } from './people-approvers.ts';
import { type Jar, openJar } from './people-jar.ts';

export const password = 'a-tame-otter-crosses-the-quiet-river';

/** Somebody who has set up an account, with what they keep of it. */
export interface Person {
  readonly id: string;
  readonly login: string;
  readonly password: string;
  readonly tenant: string;
  /** Base32, as an authenticator app keeps it. */
  readonly secret: string;
  /** Recovery codes; each works once. */
  readonly codes: readonly string[];
  /** The browser in which the account was set up: signed in, with a fresh second factor. */
  readonly jar: Jar;
  /** The last step of 30 s whose code was used: a code works once. */
  lastStep: number;
}

const step_ms = 30_000;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The code of a step, by a library that is not the product's. */
export const codeAt = (secret: string, step: number): string =>
  generateSync({ secret, epoch: (step * step_ms) / 1000 });

/**
 * A code that was not used yet. The server takes a step either way, so three sign-ins in a row need not wait; the
 * fourth waits for the next step.
 */
export async function freshCode(person: Pick<Person, 'secret' | 'lastStep'>): Promise<string> {
  const now = () => Math.floor(Date.now() / step_ms);
  const step = Math.max(person.lastStep + 1, now() - 1);
  while (step > now() + 1) await wait(step_ms - (Date.now() % step_ms) + 50);
  person.lastStep = step;
  return codeAt(person.secret, step);
}

/** The last heading of a page, for messages. */
export const headingOf = ({ text }: Pick<Answer, 'text'>): string => /<h1[^>]*>([^<]*)/.exec(text)?.[1] ?? '';

type Landed = Answer & { readonly at: string };

function landed(answer: Landed, path: string): Landed {
  const { pathname } = new URL(answer.at);
  if (answer.status === 200 && pathname === path) return answer;
  const told = answer.text.replace(/<(style|script|svg).*?<\/\1>|<[^>]*>/gs, '').replace(/\s+/g, ' ');
  throw new Error(`expected ${path}, came to ${pathname}: ${answer.status} "${headingOf(answer)}"\n${told}`);
}

/** Password, authenticator app, recovery codes: what every one-time link asks for. */
async function setUp(jar: Jar, chosen: string) {
  landed(await jar.post('/sign-in/password', { password: chosen, again: chosen }), '/sign-in/enrol');
  const app = landed(await jar.post('/sign-in/enrol/app'), '/sign-in/enrol/app');
  const secret = (/class="secret"[^>]*>([^<]*)/.exec(app.text)?.[1] ?? '').replaceAll(' ', '');
  const person = { secret, lastStep: 0 };
  const kept = landed(await jar.post('/sign-in/enrol/app/code', { code: await freshCode(person) }), '/sign-in/codes');
  const list = /<ul class="codes">(.*?)<\/ul>/s.exec(kept.text)?.[1] ?? '';
  const codes = [...list.matchAll(/<li>([^<]*)<\/li>/g)].map(([, code = '']) => code);
  landed(await jar.post('/sign-in/codes', { kept: 'yes' }), '/account');
  return { ...person, codes };
}

/** The link that `safeguard up` printed last; undefined when there is an administrator already. */
export const administratorLink = ({ output }: Pick<Instance, 'output'>): string | undefined =>
  [...output().matchAll(/^administrator (\S+)$/gm)].at(-1)?.[1];

/** It is printed just after the ready file was written. */
async function printedLink(instance: Instance): Promise<string> {
  for (const end = Date.now() + 10_000; Date.now() < end; await wait(20)) {
    const link = administratorLink(instance);
    if (link !== undefined) return link;
  }
  throw new Error(`no administrator link was printed:\n${instance.output()}`);
}

/** Sets up the first administrator of the instance by the printed link (of another tenant: by `user link`). */
export async function firstAdministrator(
  instance: Instance,
  { login = 'admin@clinic.example', name = 'Ada Admin', tenant = 'default', link = '' } = {},
): Promise<Person> {
  const url = link || (tenant === 'default' ? await printedLink(instance) : await madeLink(instance, tenant));
  const jar = openJar(instance);
  const { pathname } = new URL(url);
  landed(await jar.post(pathname), '/sign-in/account');
  landed(await jar.post('/sign-in/account', { name, login }), '/sign-in/password');
  const kept = await setUp(jar, password);
  const person = { ...kept, id: await idOf(jar), login, password, tenant, jar };
  approversIn(instance).set(tenant, Promise.resolve(person));
  return person;
}

async function madeLink(instance: Instance, tenant: string): Promise<string> {
  const made = await cliJson<{ url: string }>(instance, 'user', 'link', 'administrator', '--tenant', tenant);
  return made.url;
}

async function idOf(jar: Jar): Promise<string> {
  const me = await jar.api('GET', '/me');
  if (me.status !== 200) throw new Error(`/me: ${me.status} ${me.text}`);
  return me.json.id;
}

/** `safeguard … --json` on this instance, which must go well. */
export async function cliJson<T>(instance: Instance, ...args: string[]): Promise<T> {
  const made = await instance.cli(...args, '--json');
  if (made.code !== 0) throw new Error(`safeguard ${args.slice(0, 2).join(' ')} failed: ${made.stderr}`);
  return JSON.parse(made.stdout) as T;
}

export interface Invited {
  readonly login: string;
  readonly name?: string;
  /** Default workforce. */
  readonly kind?: 'workforce' | 'patient' | 'proxy';
  readonly scopes?: string;
  readonly roles?: string;
  /** Ids of Patients. */
  readonly patients?: readonly string[];
  readonly fhir_user?: string;
  readonly tenant?: string;
}

/** An account by the operator's command; its invitation is not used yet. */
export async function createUser(instance: Instance, wanted: Invited): Promise<{ id: string; invitation: string }> {
  const { login, name = 'Pat Person', kind, scopes, roles, patients, fhir_user, tenant } = wanted;
  const options = { kind, scopes, role: roles, patient: patients?.join(' '), 'fhir-user': fhir_user, tenant };
  const args = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, value],
  );
  const made = await cliJson<{ account: { id: string }; invitation: { url: string } }>(
    instance,
    ...['user', 'create', login, '--name', name, ...args],
  );
  return { id: made.account.id, invitation: made.invitation.url };
}

/** An account that its owner has set up: invited, password, authenticator app, signed in. */
export async function invite(instance: Instance, wanted: Invited): Promise<Person> {
  const { id, invitation } = await createUser(instance, wanted);
  return { ...(await join(instance, invitation)), id, login: wanted.login, tenant: wanted.tenant ?? 'default' };
}

/** Sets up an account by its invitation (or recovery) link. */
export async function join(instance: Instance, url: string) {
  const jar = openJar(instance);
  landed(await jar.post(new URL(url).pathname), '/sign-in/password');
  return { ...(await setUp(jar, password)), password, jar };
}

/**
 * A new browser signed in with password and app; answers where it came to (`return_to`: `/account…` or
 * `/interaction/…`). `jar`: a browser that is there already, which may be in the middle of an authorization.
 */
export async function signIn(
  instance: Instance,
  person: Person,
  { jar = openJar(instance), return_to = '/account' } = {},
): Promise<Jar> {
  const { login, tenant } = person;
  const fields = { login, password: person.password, tenant, return: return_to };
  landed(await jar.post('/sign-in', fields), '/sign-in/second');
  const end = await jar.post('/sign-in/second/code', { code: await freshCode(person) });
  // What leads away from the account's pages ends in a page that goes on by itself.
  if (return_to.startsWith('/account')) landed(end, new URL(return_to, instance.url).pathname);
  else if (end.status !== 200) throw new Error(`not signed in: ${end.status} "${headingOf(end)}"`);
  return jar;
}
