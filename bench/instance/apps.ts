import { createHash } from 'node:crypto';
import { formType } from '../generator/browser.ts';
import type { Ask } from '../generator/plan.ts';
import { askOperator } from './admin.ts';
import type { Instance } from './open.ts';

/** A client and how it proves itself. */
export interface App {
  readonly client_id: string;
  readonly client_secret: string;
}

export const tokenPath = '/oauth2/token';
const redirect_uri = 'https://app.example/cb';
const verifier = 'one-verifier-for-all-of-a-benchmark-is-enough';

/** An app that people sign in through. */
export const newApp = ({ data }: Instance): Promise<App> =>
  askOperator<App>(data, '/apps', {
    name: 'an app',
    scopes: ['user/*.rs'],
    auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirect_uri],
  });

export const basicOf = ({ client_id, client_secret }: App): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;

/** A form to the token endpoint. `headers`: beside its type. */
export const tokenAsk = (fields: Readonly<Record<string, string>>, headers: Ask['headers'] = {}): Ask => ({
  method: 'POST',
  path: tokenPath,
  body: new URLSearchParams(fields).toString(),
  headers: { accept: 'application/json', 'content-type': formType, ...headers },
  expected: 200,
  units: 1,
});

/** What the app sends its people with. */
export const requestPath = ({ origin }: Instance, { client_id }: App): string =>
  `/oauth2/authorize?${new URLSearchParams({
    client_id,
    response_type: 'code',
    redirect_uri,
    scope: 'openid offline_access user/Patient.rs',
    state: 'a-state-of-the-app',
    aud: `${origin}/fhir/R4`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })}`;

export const exchangeAsk = (app: App, code: string): Ask =>
  tokenAsk(
    { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier },
    { authorization: basicOf(app) },
  );
