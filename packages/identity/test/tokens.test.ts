import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Principal, views } from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import type { Identity } from '../index.ts';
import { asked, bearer, openWorld, shown, type World, wait, wanted } from './world.ts';

let world: World;
let identity: Identity;
before(async () => {
  world = await openWorld();
  identity = world.identity;
});
after(() => world.close());

const ended = 'unauthenticated: The access token is unknown, expired or revoked.';
const remote = '192.0.2.1';

test('a client gets a token, and the token is the client with its tenant, scopes and view', async () => {
  const client = await identity.clients.create(wanted({ scopes: ['system/Patient.read'], view: 'deidentified' }));
  const token = await identity.tokens.issue(client, remote);
  const principal = (await asked(identity, bearer(token))) as Principal;
  assert.deepEqual(principal, {
    tenant: 1,
    kind: 'client',
    id: client.client_id,
    scopes: ['system/Patient.rs'],
    view: 'deidentified',
    permissions: [],
  });
  assert.ok(Object.isFrozen(principal) && Object.isFrozen(principal.scopes));
  assert.ok(!(identity.authenticate(shown(bearer(token), remote)) instanceof Promise), 'the second time it is at hand');
});

test('a client is made in each of the four views, and is it', async () => {
  for (const view of views) {
    const client = await identity.clients.create(wanted({ view }));
    const token = await identity.tokens.issue(client, remote);
    assert.equal(((await asked(identity, bearer(token))) as Principal).view, view);
  }
});

test('a token may narrow what was granted and never goes beyond it', async () => {
  const client = await identity.clients.create(wanted({ scopes: ['system/Patient.cruds', 'system/Group.r'] }));
  const token = await identity.tokens.issue(client, remote, 'system/Patient.read system/Group.r');
  assert.deepEqual(token.scopes, ['system/Patient.rs', 'system/Group.r']);
  for (const scope of ['system/*.r', 'system/Group.rs', 'system/Patient.r openid', 'nonsense', ' ', '\u0000']) {
    await assert.rejects(
      identity.tokens.issue(client, remote, scope),
      (error) => isFault(error) && error.kind === 'invalid' && error.issues[0]?.code === 'invalid_scope',
      JSON.stringify(scope),
    );
  }
});

test('an expired token is refused to the millisecond, in the map and without it', async () => {
  const client = await identity.clients.create(wanted());
  const token = await identity.tokens.issue(client, remote);
  assert.equal(typeof (await asked(identity, bearer(token))), 'object');
  world.clock.at += 299_999;
  assert.equal(typeof (await asked(identity, bearer(token))), 'object');
  world.clock.at += 1;
  assert.equal(await asked(identity, bearer(token)), ended);
  assert.equal(await asked(world.another(), bearer(token)), ended);
});

test('a revoked token ends at once; one that is not the client’s own does not', async () => {
  const [mine, theirs] = [await identity.clients.create(wanted()), await identity.clients.create(wanted())];
  const [kept, token] = [await identity.tokens.issue(mine, remote), await identity.tokens.issue(mine, remote)];
  for (const each of [kept, token]) await asked(identity, bearer(each));
  await identity.tokens.revoke(theirs, remote, token.access_token);
  assert.equal(typeof identity.authenticate(shown(bearer(token), remote)), 'object');
  await identity.tokens.revoke(mine, remote, token.access_token);
  assert.equal(await asked(identity, bearer(token)), ended);
  assert.ok(!(identity.authenticate(shown(bearer(kept), remote)) instanceof Promise), 'the other token stays at hand');
});

test('revoking a client ends all its tokens at once, and its secret', async () => {
  const client = await identity.clients.create(wanted());
  const tokens = await Promise.all([1, 2, 3].map(() => identity.tokens.issue(client, remote)));
  for (const token of tokens) assert.equal(typeof (await asked(identity, bearer(token))), 'object');
  await identity.clients.revoke(client.client_id);
  await identity.clients.revoke(client.client_id);
  for (const token of tokens) assert.equal(await asked(identity, bearer(token)), ended);
  await assert.rejects(identity.tokens.issue(client, remote), { kind: 'unauthenticated' });
  await assert.rejects(identity.clients.rotateSecret(client.client_id), { kind: 'missing' });
});

test('another process refuses a revoked token after a second at most', async () => {
  const other = world.another();
  const client = await identity.clients.create(wanted());
  const token = await identity.tokens.issue(client, remote);
  assert.equal(typeof (await asked(other, bearer(token))), 'object');
  const polling = setInterval(() => void asked(other, bearer(token)), 20);
  await wait(900);
  await identity.clients.revoke(client.client_id);
  const revoked_at = performance.now();
  const waited_ms = (): number => performance.now() - revoked_at;
  while (waited_ms() < 3_000 && typeof (await asked(other, bearer(token))) === 'object') await wait(5);
  clearInterval(polling);
  assert.ok(waited_ms() <= 1_050, `${waited_ms()} ms`);
});

test('without the background check the bound still holds: the database is asked again', async () => {
  const other = world.another();
  await other.close();
  const client = await identity.clients.create(wanted());
  const token = await identity.tokens.issue(client, remote);
  assert.equal(typeof (await asked(other, bearer(token))), 'object');
  await identity.tokens.revoke(client, remote, token.access_token);
  assert.equal(typeof (await asked(other, bearer(token))), 'object', 'known for up to a second');
  await wait(1_010);
  assert.equal(await asked(other, bearer(token)), ended);
});

test('a token in use stays at hand: the background check renews it', async () => {
  const client = await identity.clients.create(wanted());
  const token = await identity.tokens.issue(client, remote);
  await asked(identity, bearer(token));
  for (let round = 0; round < 30; round++) {
    await wait(60);
    assert.ok(!(identity.authenticate(shown(bearer(token), remote)) instanceof Promise), `round ${round}`);
  }
});

test('two secrets overlap on rotation, never three; with no overlap the old tokens end too', async () => {
  const first = await identity.clients.create(wanted());
  const second = await identity.clients.rotateSecret(first.client_id, { overlap_s: 60 });
  const old = await identity.tokens.issue(first, remote);
  await identity.tokens.issue(second, remote);
  const third = await identity.clients.rotateSecret(first.client_id, { overlap_s: 60 });
  await assert.rejects(identity.tokens.issue(first, remote), { kind: 'unauthenticated' });
  await identity.tokens.issue(second, remote);
  world.clock.at += 60_000;
  await assert.rejects(identity.tokens.issue(second, remote), { kind: 'unauthenticated' });
  assert.equal(typeof (await asked(identity, bearer(old))), 'object');
  const fourth = await identity.clients.rotateSecret(first.client_id, { overlap_s: 0 });
  assert.equal(await asked(identity, bearer(old)), ended);
  await assert.rejects(identity.tokens.issue(third, remote), { kind: 'unauthenticated' });
  assert.equal(typeof (await asked(identity, bearer(await identity.tokens.issue(fourth, remote)))), 'object');
});

test('expired tokens are swept, living ones are not', async () => {
  const client = await identity.clients.create(wanted());
  await identity.tokens.issue(client, remote);
  world.clock.at += 86_400_000 + 301_000;
  const living = await identity.tokens.issue(client, remote);
  assert.ok((await identity.tokens.sweep()) > 0);
  assert.equal(await identity.tokens.sweep(), 0);
  assert.equal(typeof (await asked(identity, bearer(living))), 'object');
});
