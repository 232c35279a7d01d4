import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import { decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import type { Answer } from '../harness/instance.ts';
import { type Answered, type App, type Params, type Proof, refresh } from './app.ts';
import type { House, Tokens } from './house.ts';
import { checkIdToken, keysOf } from './id-token.ts';

/** Where the pages of a registered app live. */
export const origin = 'https://app.example';

/** An app that was launched, and what it was told: what the groups of the test kit look at one after another. */
export interface Launched {
  readonly house: House;
  readonly app: App;
  readonly proof: Proof;
  readonly asked: string;
  readonly answered: Answered;
  /** The token endpoint's answer. */
  readonly answer: Answer;
}

export const tokensOf = ({ answer }: Launched): Tokens => answer.json as Tokens;

const speaks = (url: string, version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname: host, port } = new URL(url);
    const versions = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, servername: host, ...versions });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('secureConnect', done(true)).on('error', done(false));
  });

/** TLS 1.2 or newer, and nothing older. */
export async function assertTls(url: string): Promise<void> {
  for (const version of ['TLSv1', 'TLSv1.1'] as const) assert.equal(await speaks(url, version), false, version);
  const newer = await Promise.all([speaks(url, 'TLSv1.2'), speaks(url, 'TLSv1.3')]);
  assert.ok(newer.includes(true));
}

/** The browser comes back to the app with a code and the state, and with no error. */
export function assertCode({ answered, app }: Launched): void {
  assert.ok(answered.at.href.startsWith(`${app.redirect_uri}?`));
  assert.equal(answered.told['state'], answered.state);
  assert.ok(answered.told['code']);
  assert.equal(answered.told['error'], undefined);
}

/** RFC 6749 5.1, SMART App Launch 2.2 "Response": members and their types. */
export function assertBody({ json }: Answer, most: string): void {
  for (const name of ['access_token', 'token_type', 'scope']) assert.equal(typeof json[name], 'string', name);
  assert.ok(json.access_token !== '' && json.scope !== '');
  assert.equal(json.token_type.toLowerCase(), 'bearer');
  assert.equal(typeof json.expires_in, 'number');
  if (json.refresh_token !== undefined) assert.equal(typeof json.refresh_token, 'string');
  const allowed = new Set(most.split(' '));
  for (const scope of json.scope.split(' ')) assert.ok(allowed.has(scope), scope);
  if (json.fhirContext === undefined) return;
  for (const each of json.fhirContext) assert.ok(each.reference ?? each.canonical ?? each.identifier);
}

export function assertHeaders({ headers }: Answer): void {
  assert.match(String(headers['cache-control']), /no-store/i);
  assert.match(String(headers['pragma']), /no-cache/i);
}

export function assertReadable({ headers }: Answer): void {
  assert.ok(['*', origin].includes(String(headers['access-control-allow-origin'])), 'Access-Control-Allow-Origin');
}

export function assertDecodes(launched: Launched): void {
  const { id_token } = tokensOf(launched);
  assert.ok(decodeJwt(id_token).iss && decodeProtectedHeader(id_token).alg);
}

/** Found by what the ID token says of its issuer. */
export async function openidConfiguration(launched: Launched) {
  const { iss } = decodeJwt(tokensOf(launched).id_token);
  const path = `${iss}/.well-known/openid-configuration`;
  const answer = await launched.house.instance.request({ path });
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  return answer.json;
}

const required = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
];

export async function assertConfiguration(launched: Launched): Promise<void> {
  const told = await openidConfiguration(launched);
  for (const name of required) assert.ok(told[name] !== undefined, name);
  assert.ok(told.id_token_signing_alg_values_supported.includes('RS256'));
}

export async function assertKeys({ house }: Launched): Promise<void> {
  const { keys } = await keysOf(house);
  const rsa = keys.filter(({ kty }) => kty === 'RSA');
  assert.ok(rsa.length > 0);
  for (const key of rsa) await importJWK(key, 'RS256');
}

export async function assertHeader(launched: Launched): Promise<void> {
  const { alg, kid } = decodeProtectedHeader(tokensOf(launched).id_token);
  const { keys } = await keysOf(launched.house);
  assert.equal(alg, 'RS256');
  assert.equal(keys.filter((key) => key.kty === 'RSA' && key.kid === kid).length, 1);
}

export async function assertPayload(launched: Launched): Promise<void> {
  const { house, app, answered } = launched;
  await checkIdToken(house, app, tokensOf(launched).id_token, { nonce: answered.nonce });
}

/** The resource that stands for the person, read with the app's own token. */
export async function readFhirUser(launched: Launched): Promise<Answer> {
  const { id_token, access_token } = tokensOf(launched);
  const { fhirUser } = decodeJwt<{ fhirUser?: string }>(id_token);
  const [type = '', id] = (fhirUser ?? '').split('/').slice(-2);
  assert.ok(['Patient', 'Practitioner', 'RelatedPerson', 'Person'].includes(type), fhirUser);
  assert.equal(fhirUser, `${launched.house.fhir}/${type}/${id}`);
  const headers = { origin };
  const answer = await launched.house.instance.request({ path: fhirUser ?? '', token: access_token, headers });
  assert.deepEqual([answer.status, answer.json?.resourceType], [200, type], answer.text);
  return answer;
}

/** A new access token by the newest refresh token; each refresh token works once. */
export async function refreshed(launched: Launched, more: Params = {}): Promise<Launched> {
  const { house, app, proof } = launched;
  const answer = await refresh(house.instance, app, tokensOf(launched).refresh_token ?? '', proof, more);
  assert.equal(answer.status, 200, answer.text);
  return { ...launched, answer };
}
