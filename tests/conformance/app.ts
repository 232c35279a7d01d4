import { createHash, randomBytes } from 'node:crypto';
import type { Answer, Instance } from '../harness/instance.ts';
import { cliJson } from '../harness/people.ts';
import { type Walk, type Walker, walk } from './browser.ts';

export const callback = 'https://app.example/callback';
export const signedOut = 'https://app.example/signed-out';

/** An app as its developer knows it. */
export interface App {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uri: string;
}

export interface Registered {
  readonly name?: string;
  readonly scopes?: string;
  readonly redirect_uri?: string;
  /** More of the command's options. */
  readonly options?: Readonly<Record<string, string>>;
  readonly isPublic?: boolean;
}

/** Registered by the operator: the static registration of the suites. */
export async function newApp(instance: Instance, wanted: Registered = {}): Promise<App> {
  const { name = 'Conformance app', scopes = 'user/*.cruds patient/*.cruds', redirect_uri = callback } = wanted;
  const options = { scopes, 'redirect-uri': redirect_uri, 'post-logout-uri': signedOut, ...wanted.options };
  const given = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  const flags = wanted.isPublic === true ? ['--public'] : [];
  const made = await cliJson<Omit<App, 'redirect_uri'>>(instance, 'client', 'create', name, ...given, ...flags);
  return { ...made, redirect_uri };
}

export type Params = Readonly<Record<string, string | undefined>>;

/** What is given: undefined leaves a parameter out. */
export const present = (params: Params): [string, string][] =>
  Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);

export interface Asking {
  readonly path: string;
  readonly query: string;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string | undefined;
}

const random = (): string => randomBytes(32).toString('base64url');

/** An OpenID Connect request with a state of 128 characters, as the suite sends it; `more` has the last word. */
export function asking(app: App, more: Params = {}): Asking {
  const verifier = random();
  const state = randomBytes(96).toString('base64url');
  const params: Params = {
    response_type: 'code',
    client_id: app.client_id,
    redirect_uri: app.redirect_uri,
    scope: 'openid',
    state,
    nonce: random(),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  const query = new URLSearchParams(present(params)).toString();
  return { path: `/oauth2/authorize?${query}`, query, verifier, state, nonce: params['nonce'] };
}

/** A request followed to its end. */
export interface Answered extends Walk, Asking {
  /** What the app's address was told; empty where the browser stays with us. */
  readonly told: Readonly<Record<string, string>>;
}

const toldBy = ({ at }: Walk, app: App): Record<string, string> =>
  at.href.startsWith(new URL(app.redirect_uri).origin) ? Object.fromEntries(at.searchParams) : {};

export async function ask(walker: Walker, app: App, more: Params = {}): Promise<Answered> {
  const asked = asking(app, more);
  const walked = await walk(walker, await walker.jar.go(asked.path));
  return { ...asked, ...walked, told: toldBy(walked, app) };
}

/** The same by a form that is posted to the authorization endpoint. */
export async function askByPost(walker: Walker, app: App, more: Params = {}): Promise<Answered> {
  const asked = asking(app, more);
  const fields = Object.fromEntries(new URLSearchParams(asked.query));
  const walked = await walk(walker, await walker.jar.post('/oauth2/authorize', fields));
  return { ...asked, ...walked, told: toldBy(walked, app) };
}

const basicOf = ({ client_id, client_secret = '' }: App): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;

/** A form to an endpoint; the app proves itself by HTTP Basic unless `headers` say otherwise. */
export function form(
  instance: Instance,
  path: string,
  params: Params,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const sent = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers };
  const body = new URLSearchParams(present(params)).toString();
  return instance.request({ method: 'POST', path, headers: sent, body });
}

/** How an app proves itself at the token endpoint: headers and parameters. */
export type Proof = (app: App) => { readonly headers?: Record<string, string>; readonly params?: Params };

export const byBasic: Proof = (app) => ({ headers: { authorization: basicOf(app) } });
export const byPost: Proof = ({ client_id, client_secret }) => ({ params: { client_id, client_secret } });
export const byNothing: Proof = ({ client_id }) => ({ params: { client_id } });

export function redeem(
  instance: Instance,
  app: App,
  { verifier, told }: Answered,
  proof = byBasic,
  more: Params = {},
  from: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { headers = {}, params = {} } = proof(app);
  const redemption = { code: told['code'], redirect_uri: app.redirect_uri, code_verifier: verifier };
  const fields = { grant_type: 'authorization_code', ...redemption, ...params, ...more };
  return form(instance, '/oauth2/token', fields, { ...headers, ...from });
}

export function refresh(instance: Instance, app: App, refresh_token: string, proof = byBasic, more: Params = {}) {
  const { headers = {}, params = {} } = proof(app);
  return form(instance, '/oauth2/token', { grant_type: 'refresh_token', refresh_token, ...params, ...more }, headers);
}
