import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { localAuthority } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { browser } from './browser.ts';
import { post, tokensFor, worth } from './flow.ts';
import { base, type House, openHouse, type Process } from './house.ts';

let house: House;
let told: string[] = [];
let ca: string;
let port: number;
const server: { close?: () => void } = {};
before(async () => {
  const directory = join(tmpdir(), `safeguard-logout-${process.pid}`);
  const authority = await localAuthority({ directory, hosts: ['app.example'], clock: systemClock });
  ca = await readFile(authority.caFile, 'utf8');
  const { key, cert } = authority.current();
  const app = createServer({ key, cert }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    told.push(body);
    response.end();
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  port = (app.address() as AddressInfo).port;
  server.close = () => app.close();
  house = await openHouse();
});
after(async () => {
  server.close?.();
  await house.close();
});

const done = 'https://app.example/signed-out';
const app = (more = {}) => house.app({ post_logout_redirect_uris: [done], ...more });
const scope = 'openid user/Patient.rs online_access';
const online = { scope, prompt: undefined };
const logout = (params: Record<string, string>): string => `${base}/oauth2/logout?${new URLSearchParams(params)}`;

test('with the ID token of the very person the session ends with all of it, and the browser goes back', async () => {
  const [client, who] = [await app(), await house.person()];
  const tokens = await tokensFor(house, client, who.cookie, online);
  const given = { id_token_hint: tokens.id_token, post_logout_redirect_uri: done, state: 'a&b' };
  const { url } = await browser(house, who.cookie).go(logout(given));
  assert.equal(url.href, `${done}?state=a%26b`);
  assert.equal(await worth(house, tokens.access_token), 401);
  assert.deepEqual(await house.sessions.list(1, who.id), []);
  const event = house.events.findLast(({ action }) => action === 'sign-out');
  assert.deepEqual([event?.actor, event?.tenant, event?.outcome], [who.id, 1, 'permit']);
});

test('without it, or for somebody else, a person is asked first; the question is a form of our own', async () => {
  const [client, who, other] = [await app(), await house.person(), await house.person()];
  const theirs = await tokensFor(house, client, other.cookie, online);
  const asks: Record<string, string>[] = [{}, { client_id: client.client_id }, { id_token_hint: theirs.id_token }];
  for (const given of asks) {
    const { answer } = await browser(house, who.cookie).go(logout(given));
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /Sign out\?/);
    assert.equal((await house.sessions.list(1, who.id)).length, 1);
  }
  const headers = { cookie: who.cookie, 'user-agent': (await import('./house.ts')).agent };
  const path = '/oauth2/logout/confirm';
  const foreign = await post(
    house,
    path,
    {},
    { ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  );
  assert.equal(foreign.status, 403);
  assert.equal((await house.sessions.list(1, who.id)).length, 1);
  const own = { ...headers, origin: base, 'sec-fetch-site': 'same-origin' };
  const sent = await post(house, path, { client_id: client.client_id, post_logout_redirect_uri: done }, own);
  assert.deepEqual([sent.status, sent.headers.get('location')], [303, done]);
  assert.deepEqual(await house.sessions.list(1, who.id), []);
});

test('the way back is one that is registered, letter by letter; a forged hint is none', async () => {
  const [client, who] = [await app(), await house.person()];
  const { id_token } = await tokensFor(house, client, who.cookie, online);
  const [head = '', body = ''] = id_token.split('.');
  const bad: Record<string, string>[] = [
    { id_token_hint: id_token, post_logout_redirect_uri: `${done}/` },
    { id_token_hint: id_token, post_logout_redirect_uri: 'https://evil.example/' },
    { id_token_hint: id_token, client_id: (await app()).client_id },
    { post_logout_redirect_uri: done },
    { id_token_hint: `${head}.${body}.AAAA` },
    { id_token_hint: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.` },
    { id_token_hint: 'nonsense' },
  ];
  for (const given of bad) {
    const { answer } = await browser(house, who.cookie).go(logout(given));
    assert.equal(answer.status, 400, JSON.stringify(given).slice(0, 90));
    assert.ok(!(await answer.text()).includes('evil'));
  }
  assert.equal((await house.sessions.list(1, who.id)).length, 1);
  const posted = await post(house, '/oauth2/logout', { id_token_hint: id_token, x: 'y' });
  assert.equal(posted.status, 303);
  assert.ok(!posted.headers.get('location')?.includes('x=y'));
});

test('back-channel: the apps of the session are told, by a token that they can check', async () => {
  told = [];
  const on: Process = await house.process({
    settings: { fetch_allow: [`app.example:${port}`], fetch_ca: [ca] },
    change: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
  });
  const backchannel_logout_uri = `https://app.example:${port}/backchannel`;
  const client = await app({ backchannel_logout_uri });
  const quiet = await app();
  const who = await house.person();
  const tokens = await tokensFor(on, client, who.cookie, online);
  await tokensFor(on, quiet, who.cookie, online);
  await on.sessions.end(1, who.id, who.session);
  for (let wait = 0; wait < 200 && told.length === 0; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  const token = new URLSearchParams(told[0]).get('logout_token') ?? '';
  const keys = createRemoteJWKSet(new URL(`${base}/oauth2/jwks`), { [customFetch]: on.fetch as typeof fetch });
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: base, audience: client.client_id });
  assert.equal(protectedHeader.typ, 'logout+jwt');
  assert.equal(payload.sub, who.id);
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString());
  assert.ok(payload['sid'] !== undefined && payload['sid'] === claims.sid);
  assert.equal(told.length, 1);
});

test('a back-channel address inside our network is not asked', async () => {
  told = [];
  const on = await house.process({
    settings: { fetch_ca: [ca] },
    change: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
  });
  const client = await app({ backchannel_logout_uri: `https://app.example:${port}/backchannel` });
  const who = await house.person();
  await tokensFor(on, client, who.cookie, online);
  await on.sessions.end(1, who.id, who.session);
  const missed = () => house.lines.some((line) => line.startsWith('an app could not be told'));
  for (let wait = 0; wait < 200 && !missed(); wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(missed());
  assert.deepEqual(told, []);
});
