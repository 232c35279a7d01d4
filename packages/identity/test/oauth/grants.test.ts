import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { browser } from './browser.ts';
import { json } from './flow.ts';
import { base, callback, fhir, type House, openHouse } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

type Registered = { client_id: string; client_secret?: string };

async function configured({ client_id, client_secret }: Registered, auth?: client.ClientAuth) {
  const chosen = auth ?? (client_secret === undefined ? client.None() : client.ClientSecretPost(client_secret));
  return client.discovery(new URL(base), client_id, undefined, chosen, {
    [client.customFetch]: (url, options) => house.fetch(url, options as RequestInit),
  });
}

/** One authorization, from the app's request to its tokens. */
async function authorize(config: client.Configuration, cookie: string, more: Record<string, string> = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile fhirUser user/Patient.rs offline_access',
    prompt: 'consent',
    aud: fhir,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  const { url: back, answer } = await browser(house, cookie).go(url.href);
  assert.ok(back.href.startsWith(callback), `${back.href} ${answer.status} ${await answer.text()}`);
  return { back, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } };
}

test('openid-client: code, PKCE, ID token, userinfo, refresh, for a confidential client', async () => {
  const config = await configured(await house.app());
  const who = await house.person();
  const { back, checks } = await authorize(config, who.cookie);
  assert.equal(back.searchParams.get('iss'), base);
  const tokens = await client.authorizationCodeGrant(config, back, checks);
  assert.match(tokens.access_token, /^sgt_/);
  assert.match(tokens.refresh_token ?? '', /^sgr_/);
  const claims = tokens.claims();
  assert.equal(claims?.sub, who.id);
  assert.equal(claims?.['name'], who.name);
  assert.equal(claims?.['fhirUser'], `${fhir}/Practitioner/p1`);
  assert.deepEqual(claims?.['amr'], ['pwd', 'otp', 'mfa']);
  const info = await client.fetchUserInfo(config, tokens.access_token, who.id);
  assert.equal(info.name, who.name);
  const answer = await house.fetch(`${fhir}/Patient/1`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  const principal = await json(answer);
  assert.equal(principal.kind, 'user');
  assert.equal(principal.id, who.id);
  const again = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
  assert.notEqual(again.refresh_token, tokens.refresh_token);
});
