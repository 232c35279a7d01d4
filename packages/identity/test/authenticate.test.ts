import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fault, isFault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { createKnownTokens } from '../authenticate/known.ts';
import { newToken } from '../secrets.ts';
import { asked, bearer, openWorld, shown, type World, wait, wanted } from './world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const remote = '192.0.2.1';
const malformed =
  'unauthenticated: The Authorization header is malformed; expected Bearer and an access token of this server.';

/** Counts statements; `hold` makes the next answers wait until it is released. */
function watched(segment: Segment) {
  const seen = { queries: 0, gate: Promise.resolve() };
  const watching: Segment = {
    ...segment,
    async query(tenant, statement, values) {
      seen.queries += 1;
      const rows = await segment.query(tenant, statement, values);
      await seen.gate;
      return rows as never;
    },
  };
  return { seen, watching };
}

test('a header that cannot be a token of ours is refused before anything is asked', async () => {
  const { seen, watching } = watched(world.postgres.segment);
  const identity = world.another(watching);
  const token = newToken();
  const headers = [
    'Bearer',
    'Bearer ',
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Bearer ${token} `,
    `Bearer  \t${token}`,
    `Bearer sgs_${token.slice(4)}`,
    `Bearer SGT_${token.slice(4)}`,
    `Bearer ${' '.repeat(100)}${token}`,
    `Bearer ${"' or 1=1 --".repeat(4)}`,
    `Bearer ${'\u0000'.repeat(47)}`,
    `Bearer ${'x'.repeat(1_000_000)}`,
  ];
  for (const header of headers)
    assert.equal(await asked(identity, header), malformed, JSON.stringify(header).slice(0, 60));
  for (const header of [undefined, '']) {
    assert.equal(await asked(identity, header), 'unauthenticated: A bearer token is required.');
  }
  assert.equal(seen.queries, 0);
  assert.match(`${await asked(identity, `Bearer ${token}`)}`, /unknown, expired or revoked/);
  assert.equal(seen.queries, 1);
});

test('the scheme is case-insensitive, the token is not', async () => {
  const client = await world.identity.clients.create(wanted());
  const { access_token } = await world.identity.tokens.issue(client, remote);
  assert.equal(typeof (await asked(world.identity, `bearer   ${access_token}`)), 'object');
  const flipped = access_token.slice(0, -1) + (access_token.endsWith('A') ? 'E' : 'A');
  assert.match(`${await asked(world.identity, `Bearer ${flipped}`)}`, /unknown, expired or revoked/);
});

test('requests with one token that come together ask once', async () => {
  const { seen, watching } = watched(world.postgres.segment);
  const identity = world.another(watching);
  const client = await identity.clients.create(wanted());
  const token = await identity.tokens.issue(client, remote);
  seen.queries = 0;
  const answers = await Promise.all(Array.from({ length: 50 }, () => asked(identity, bearer(token))));
  assert.ok(answers.every((answer) => typeof answer === 'object'));
  assert.equal(seen.queries, 1);
});

test('a token revoked while it is being asked about is not let in, nor remembered', async () => {
  const { seen, watching } = watched(world.postgres.segment);
  const identity = world.another(watching);
  const client = await identity.clients.create(wanted());
  const cases = [
    (access_token: string) => identity.tokens.revoke(client, remote, access_token),
    () => identity.clients.revoke(client.client_id),
  ];
  for (const end of cases) {
    const token = await identity.tokens.issue(client, remote);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    seen.gate = held;
    const answer = asked(identity, bearer(token));
    await wait(50);
    seen.gate = Promise.resolve();
    await end(token.access_token);
    release();
    assert.match(`${await answer}`, /unknown, expired or revoked/);
    assert.match(`${await asked(identity, bearer(token))}`, /unknown, expired or revoked/);
  }
});

test('with the database gone: known tokens for a second at most, then unavailable, never a wrong yes', async () => {
  let down = false;
  const { segment } = world.postgres;
  const failing: Segment = {
    ...segment,
    query: async (tenant, statement, values) => {
      if (down) throw fault('unavailable', 'The database does not answer.');
      return segment.query(tenant, statement, values);
    },
  };
  const identity = world.another(failing);
  const client = await identity.clients.create(wanted());
  const token = await identity.tokens.issue(client, remote);
  await asked(identity, bearer(token));
  down = true;
  assert.equal(typeof (await asked(identity, bearer(token))), 'object');
  await wait(1_010);
  assert.match(`${await asked(identity, bearer(token))}`, /^unavailable/);
  assert.match(`${await asked(identity, `Bearer ${newToken()}`)}`, /^unavailable/);
  assert.ok(world.lines.some((line) => line.startsWith('access tokens could not be checked again')));
  down = false;
  assert.equal(typeof (await asked(identity, bearer(token))), 'object');
});

test('the map of known tokens is bounded and forgets by client', async () => {
  const known = createKnownTokens(3);
  const entry = (id: string) => ({
    principal: { tenant: 1, kind: 'client' as const, id, scopes: [], view: 'full' as const },
    expires_at: 0,
    checked_at_ms: 0,
    used: true,
  });
  for (const key of ['a', 'b', 'c', 'd']) await known.learn(key, async () => entry(`client of ${key}`));
  assert.equal(known.get('a'), undefined);
  assert.ok(known.get('b') && known.get('d'));
  known.forgetAll('client of b');
  assert.equal(known.get('b'), undefined);
  known.takeUsed();
  known.takeUsed();
  assert.equal(known.get('d'), undefined, 'unused since the last check: dropped');
});

test('authenticate costs well under 20 microseconds when the token is at hand', async () => {
  const client = await world.identity.clients.create(wanted());
  const header = bearer(await world.identity.tokens.issue(client, remote));
  await asked(world.identity, header);
  for (let warm = 0; warm < 5_000; warm++) void world.identity.authenticate(shown(header, remote));
  const start = process.cpuUsage();
  for (let round = 0; round < 50_000; round++) void world.identity.authenticate(shown(header, remote));
  const { user, system } = process.cpuUsage(start);
  assert.ok((user + system) / 50_000 < 20, `${(user + system) / 50_000} microseconds`);
});

test('a fault of authenticate is a Fault with nothing of the header', async () => {
  const token = newToken();
  await assert.rejects(
    async () => world.identity.authenticate(shown(`Bearer ${token}`, remote)),
    (error) => isFault(error) && !JSON.stringify([error.message, error.stack, error.cause]).includes(token),
  );
});
