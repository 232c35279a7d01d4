import { createHash, randomBytes } from 'node:crypto';
import type { Answer, Instance } from './instance.ts';
import { cliJson, headingOf } from './people.ts';
import type { Jar } from './people-jar.ts';

/** An app that people sign in through, as the operator registered it. */
export interface App {
  readonly client_id: string;
  /** Absent: a public client. */
  readonly client_secret?: string;
  readonly redirect_uri: string;
  readonly tenant: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
}

export type Params = Readonly<Record<string, string | undefined>>;

export const redirect_uri = 'https://app.example/cb';
export const form = { 'content-type': 'application/x-www-form-urlencoded' };

export async function newApp(
  instance: Instance,
  { tenant = 'default', scopes = 'user/*.rs', redirect = redirect_uri, isPublic = false, more = [] as string[] } = {},
): Promise<App> {
  const args = ['client', 'create', 'an app', '--tenant', tenant, '--scopes', scopes, '--redirect-uri', redirect];
  const made = await cliJson<App>(instance, ...args, ...(isPublic ? ['--public'] : []), ...more);
  return { ...made, redirect_uri: redirect.split(' ')[0] ?? redirect, tenant };
}

export interface Proof {
  readonly verifier: string;
  readonly code_challenge: string;
}

export function newProof(): Proof {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, code_challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** What is given twice or not at all is the caller's to say: a list of pairs. */
export const encoded = (params: Params): string =>
  new URLSearchParams(
    Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();

/** The parameters of a sound request. */
export const soundRequest = (instance: Instance, app: App, { code_challenge }: Proof, more: Params = {}): Params => ({
  client_id: app.client_id,
  response_type: 'code',
  redirect_uri: app.redirect_uri,
  scope: 'openid user/Patient.rs',
  state: 'a-state',
  aud: instance.fhir,
  code_challenge,
  code_challenge_method: 'S256',
  ...more,
});

export const requestPath = (params: Params): string => `/oauth2/authorize?${encoded(params)}`;

const decoded = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** The fields of a consent page as it stands: what is ticked, what is hidden. */
export function fieldsIn({ text }: Pick<Answer, 'text'>): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [input] of text.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1];
    const given = / checked/.test(input) || attribute('type') === 'hidden';
    if (given) fields.append(attribute('name') ?? '', decoded(attribute('value') ?? ''));
  }
  return fields;
}

/** Sends a page's form with every field as it stands, more than one of a name included. */
export const sendForm = (jar: Jar, path: string, fields: URLSearchParams): Promise<Answer> =>
  jar.ask({ method: 'POST', path, headers: form, body: fields.toString() });

type Landed = Answer & { readonly at: string };

/** On from an interaction's page, by allowing all that it asks, until the browser is led away. */
export async function allowAll(jar: Jar, first: Landed): Promise<Landed> {
  let page = first;
  for (let steps = 0; steps < 4 && /\/interaction\/[^/]+$/.test(new URL(page.at).pathname); steps += 1) {
    const { pathname } = new URL(page.at);
    if (page.status !== 200) break;
    const sent = await sendForm(jar, `${pathname}/consent`, fieldsIn(page));
    if (sent.status !== 303) return { ...sent, at: page.at };
    page = await jar.go(String(sent.headers['location']));
  }
  return page;
}

/** Where an authorization request ends for whoever is signed in with the jar: the parameters at the app's address. */
export async function answerOf(jar: Jar, app: App, path: string): Promise<Readonly<Record<string, string>>> {
  const end = await allowAll(jar, await jar.go(path));
  if (!end.at.startsWith(app.redirect_uri)) {
    return { at: end.at, status: String(end.status), heading: headingOf(end) };
  }
  return Object.fromEntries(new URL(end.at).searchParams);
}

/** A code, through every page that comes. */
export async function codeFor(jar: Jar, app: App, more: Params = {}): Promise<{ code: string; verifier: string }> {
  const proof = newProof();
  const told = await answerOf(jar, app, requestPath(soundRequest(jar.instance, app, proof, more)));
  if (told['code'] === undefined) throw new Error(`no code: ${JSON.stringify(told)}`);
  return { code: told['code'], verifier: proof.verifier };
}

export const basicOf = ({ client_id, client_secret = '' }: Pick<App, 'client_id' | 'client_secret'>): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;

/** A form to one of the endpoints; a confidential app proves itself by its secret. */
export function postTo(
  instance: Instance,
  path: string,
  app: Pick<App, 'client_id' | 'client_secret'> | undefined,
  params: Params,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const proof = app?.client_secret === undefined ? {} : { authorization: basicOf(app) };
  const named = app !== undefined && app.client_secret === undefined ? { client_id: app.client_id } : {};
  const body = encoded({ ...named, ...params });
  return instance.request({ method: 'POST', path, headers: { ...form, ...proof, ...headers }, body });
}

export const redeem = (
  instance: Instance,
  app: App,
  { code, verifier }: { readonly code: string; readonly verifier: string },
  more: Params = {},
): Promise<Answer> =>
  postTo(instance, '/oauth2/token', app, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: app.redirect_uri,
    ...more,
  });

export async function tokensFor(jar: Jar, app: App, more: Params = {}): Promise<Tokens> {
  const answer = await redeem(jar.instance, app, await codeFor(jar, app, more));
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  return answer.json;
}

export const refresh = (instance: Instance, app: App, refresh_token: string, more: Params = {}): Promise<Answer> =>
  postTo(instance, '/oauth2/token', app, { grant_type: 'refresh_token', refresh_token, ...more });
