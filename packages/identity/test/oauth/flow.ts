import { createHash, randomBytes } from 'node:crypto';
import type { RegisteredApp } from '../../types.ts';
import { browser } from './browser.ts';
import { base, callback, fhir, type Process } from './house.ts';

export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

export interface Pkce {
  readonly verifier: string;
  readonly code_challenge: string;
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, code_challenge: challengeOf(verifier) };
}

export type Params = Record<string, string | undefined>;

/** Parameters of a sound request; undefined leaves one out. */
export function requestUrl({ client_id }: RegisteredApp, { code_challenge }: Pkce, more: Params = {}): string {
  const params: Params = {
    client_id,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid user/Patient.rs offline_access',
    prompt: 'consent',
    aud: fhir,
    state: 'a-state',
    code_challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  const given = Object.entries(params).filter(([, value]) => value !== undefined) as [string, string][];
  return `${base}/oauth2/authorize?${new URLSearchParams(given)}`;
}

/** Where an authorization request leads a browser that is signed in. */
export const ask = (process: Process, url: string, cookie: string) => browser(process, cookie).go(url);

export async function codeFor(process: Process, app: RegisteredApp, cookie: string, more: Params = {}) {
  const proof = pkce();
  const { url, answer } = await ask(process, requestUrl(app, proof, more), cookie);
  const code = url.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${url.href} ${answer.status} ${await answer.clone().text()}`);
  return { code, ...proof };
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the test is about
  readonly body: any;
}

/** A form to one of the endpoints. */
export async function post(
  process: Pick<Process, 'fetch'>,
  path: string,
  params: Params,
  headers: Record<string, string> = {},
): Promise<Told> {
  const given = Object.entries(params).filter(([, value]) => value !== undefined) as [string, string][];
  const answer = await process.fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(given).toString(),
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') === true;
  return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
}

export const token = (process: Process, app: RegisteredApp, params: Params, headers?: Record<string, string>) =>
  post(process, '/oauth2/token', { ...app, ...params }, headers);

/** A code turned into tokens. */
export const redeem = (
  process: Process,
  app: RegisteredApp,
  given: { code: string; verifier: string },
  more: Params = {},
) =>
  token(process, app, {
    grant_type: 'authorization_code',
    code: given.code,
    code_verifier: given.verifier,
    redirect_uri: callback,
    ...more,
  });

export async function tokensFor(process: Process, app: RegisteredApp, cookie: string, more: Params = {}) {
  const { status, body } = await redeem(process, app, await codeFor(process, app, cookie, more));
  if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
  return body as { access_token: string; refresh_token: string; id_token: string; scope: string; expires_in: number };
}

/** The JSON of an answer, which a test looks into. */
// biome-ignore lint/suspicious/noExplicitAny: its shape is what the test is about
export const json = async (answer: Response): Promise<any> => answer.json();

/** What a token is worth at a resource: its principal, or the status of the refusal. */
export async function worth(
  process: Pick<Process, 'fetch'>,
  access_token: string,
  headers: Record<string, string> = {},
) {
  const answer = await process.fetch(`${fhir}/Patient/1`, {
    headers: { authorization: `Bearer ${access_token}`, ...headers },
  });
  return answer.status === 200 ? json(answer) : answer.status;
}
