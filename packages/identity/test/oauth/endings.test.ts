import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { token, tokensFor, worth } from './flow.ts';
import { type House, openHouse, type Process } from './house.ts';

let house: House;
let other: Process;
before(async () => {
  house = await openHouse();
  other = await house.process();
});
after(() => house.close());

type Person = Awaited<ReturnType<House['person']>>;
type App = Awaited<ReturnType<House['app']>>;

/** Every ending, and whether what is offline ends with it. */
const endings: Record<string, (who: Person, app: App) => Promise<unknown>> = {
  'the account is suspended': (who) => house.accounts.suspend(1, who.id),
  'the account is terminated': (who) => house.accounts.terminate(1, who.id),
  'the rights of the account change': (who) => house.accounts.change(1, who.id, { scopes: ['user/Observation.rs'] }),
  'all sessions are ended': (who) => house.sessions.endAll(1, who.id),
  'the client is revoked': (_who, app) => house.oauth.clients.revoke(app.client_id),
  'the person ends the app': async (who) => {
    const [app] = await house.oauth.apps.list(1, who.id);
    return house.oauth.apps.end(1, who.id, app?.grant ?? '');
  },
  'all grants are ended': (who) => house.oauth.endGrants(1, who.id),
};

for (const [name, end] of Object.entries(endings)) {
  test(`${name}: at once here, within a second elsewhere, and nothing comes after it`, async () => {
    const [app, who] = [await house.app(), await house.person()];
    const tokens = await tokensFor(house, app, who.cookie);
    for (const each of [house, other]) assert.equal((await worth(each, tokens.access_token)).id, who.id);
    await end(who, app);
    const at = performance.now();
    assert.equal(await worth(house, tokens.access_token), 401);
    while (performance.now() - at < 3_000 && (await worth(other, tokens.access_token)) !== 401) await sleep(5);
    assert.ok(performance.now() - at < 1_200, `${performance.now() - at} ms`);
    const { refresh_token } = tokens;
    const after = await token(other, app, { grant_type: 'refresh_token', refresh_token });
    assert.ok(after.status === 400 || after.status === 401, `${after.status}`);
  });
}

test('a suspended account that is resumed has to let its apps in again', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const tokens = await tokensFor(house, app, who.cookie);
  await house.accounts.suspend(1, who.id);
  await house.accounts.resume(1, who.id);
  assert.equal(await worth(house, tokens.access_token), 401);
  const { refresh_token } = tokens;
  assert.equal((await token(house, app, { grant_type: 'refresh_token', refresh_token })).status, 400);
});

test('apps are listed once each, with what they were given, until they are ended', async () => {
  const who = await house.person();
  const [one, two] = [await house.app({ name: 'One' }), await house.app({ name: 'Two' })];
  await tokensFor(house, one, who.cookie);
  await tokensFor(house, one, who.cookie, { scope: 'openid user/Observation.rs offline_access' });
  const kept = await tokensFor(house, two, who.cookie);
  const listed = await house.oauth.apps.list(1, who.id);
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['Two', 'One'],
  );
  assert.ok(listed[1]?.scopes.includes('user/Observation.rs') && listed[1].scopes.includes('user/Patient.rs'));
  const [, first] = listed;
  assert.equal(await house.oauth.apps.end(house.other, who.id, first?.grant ?? ''), false, 'not another tenant’s');
  assert.equal(await house.oauth.apps.end(1, who.id, first?.grant ?? ''), true);
  assert.equal(await house.oauth.apps.end(1, who.id, first?.grant ?? ''), false);
  assert.deepEqual(
    (await house.oauth.apps.list(1, who.id)).map(({ name }) => name),
    ['Two'],
  );
  assert.equal((await worth(house, kept.access_token)).id, who.id);
});

test('revocation: a token ends by itself, a refresh token with its grant; a stranger ends nothing', async () => {
  const { post } = await import('./flow.ts');
  const [app, stranger, who] = [await house.app(), await house.app(), await house.person()];
  const revoke = (by: App, value: string) => post(house, '/oauth2/revoke', { ...by, token: value });
  const tokens = await tokensFor(house, app, who.cookie);
  for (const value of [tokens.access_token, tokens.refresh_token, 'nonsense'])
    assert.equal((await revoke(stranger, value)).status, 200);
  assert.equal((await worth(house, tokens.access_token)).id, who.id);
  assert.equal((await revoke(app, tokens.access_token)).status, 200);
  assert.equal(await worth(house, tokens.access_token), 401);
  const { refresh_token } = tokens;
  const next = (await token(house, app, { grant_type: 'refresh_token', refresh_token })).body;
  assert.equal((await worth(house, next.access_token)).id, who.id);
  assert.equal((await revoke(app, next.refresh_token)).status, 200);
  assert.equal(await worth(house, next.access_token), 401);
  assert.equal(
    (await token(house, app, { grant_type: 'refresh_token', refresh_token: next.refresh_token })).status,
    400,
  );
});
