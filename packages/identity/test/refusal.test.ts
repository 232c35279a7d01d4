import assert from 'node:assert/strict';
import { timingSafeEqual } from 'node:crypto';
import { after, before, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { createAttempts, networkOf } from '../attempts.ts';
import type { ClientCredentials } from '../index.ts';
import { newSecret } from '../secrets.ts';
import { verifyClient } from '../verify-client.ts';
import { openWorld, type World, wanted } from './world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

type Verify = typeof verifyClient;

/** What verifying did: statements with the kinds of their values, comparisons, and how it ended. */
async function workOf(verify: Verify, credentials: ClientCredentials): Promise<unknown> {
  const { segment } = world.postgres;
  const statements: string[] = [];
  let comparisons = 0;
  const watching: Segment = {
    ...segment,
    query: (tenant, statement, values = []) => {
      statements.push(`${tenant} ${statement.name} ${values.map((value) => typeof value).join()}`);
      return segment.query(tenant, statement, values);
    },
  };
  const equal = (left: Buffer, right: Buffer): boolean => {
    comparisons += 1;
    return timingSafeEqual(left, right);
  };
  const attempts = createAttempts(world.clock);
  let end = 'proven';
  try {
    await verify({ segment: watching, clock: world.clock, attempts, equal }, credentials, '192.0.2.1');
  } catch (error) {
    end = isFault(error) ? `${error.kind} ${error.message} ${error.retry_after_s} ${error.issues.length}` : 'broken';
  }
  return { statements, comparisons, end };
}

async function holdsEqualWork(verify: Verify): Promise<void> {
  const client = await world.identity.clients.create(wanted());
  const revoked = await world.identity.clients.create(wanted());
  await world.identity.clients.revoke(revoked.client_id);
  const rotated = await world.identity.clients.create(wanted());
  const { client_secret: newer } = await world.identity.clients.rotateSecret(rotated.client_id, { overlap_s: 0 });
  assert.ok(newer !== rotated.client_secret);
  const wrong = await workOf(verify, { ...client, client_secret: newSecret() });
  const failures: Record<string, ClientCredentials> = {
    'unknown client': { client_id: newId(), client_secret: newSecret() },
    'id of no form': { client_id: "' or 1=1 --", client_secret: newSecret() },
    'no id': { client_id: '', client_secret: '' },
    'secret of no form': { ...client, client_secret: 'x'.repeat(10_000) },
    'revoked client, right secret': revoked,
    'ended secret': rotated,
  };
  for (const [name, credentials] of Object.entries(failures)) {
    assert.deepEqual(await workOf(verify, credentials), wrong, name);
  }
}

test('every refusal does the same work and says the same words', () => holdsEqualWork(verifyClient));

test('negative control: a verify that stops early is found', async () => {
  const early: Verify = async (deps, given, remote) => {
    const [row] = await deps.segment.query<{ id: string }>(
      0,
      {
        name: 'test.early',
        text: 'select id::text from identity.client where id::text = $1',
      },
      [given.client_id.replaceAll('\u0000', '')],
    );
    if (row === undefined) throw Object.assign(new Error('unknown client'), { kind: 'unauthenticated' });
    return verifyClient(deps, given, remote);
  };
  await assert.rejects(holdsEqualWork(early));
});

test('failures are limited per client and network; the real client elsewhere is not locked out', async () => {
  const { clock } = world;
  const identity = world.another();
  const client = await identity.clients.create(wanted());
  const attack = () => identity.tokens.issue({ ...client, client_secret: newSecret() }, '203.0.113.7');
  for (let round = 0; round < 10; round++) await assert.rejects(attack(), { kind: 'unauthenticated' });
  await assert.rejects(attack(), { kind: 'tooMany', retry_after_s: 60 });
  await assert.rejects(identity.tokens.issue(client, '203.0.113.7'), { kind: 'tooMany' });
  await identity.tokens.issue(client, '192.0.2.1');
  clock.at += 60_000;
  await identity.tokens.issue(client, '203.0.113.7');
});

test('failures over many client ids are limited per network', async () => {
  const identity = world.another();
  const client = await identity.clients.create(wanted());
  const spray = () => identity.tokens.issue({ client_id: newId(), client_secret: newSecret() }, '2001:db8:1:2:3::4');
  for (let round = 0; round < 100; round++) await assert.rejects(spray(), { kind: 'unauthenticated' });
  await assert.rejects(spray(), { kind: 'tooMany' });
  await assert.rejects(identity.tokens.issue(client, '2001:db8:1:2:ffff::1'), { kind: 'tooMany' });
  await identity.tokens.issue(client, '2001:db8:1:3::1');
});

test('the memory of failures is bounded', () => {
  const attempts = createAttempts(world.clock, { window_ms: 60_000, perClient: 1, perRemote: 1, most: 100 });
  for (let round = 0; round < 10_000; round++) attempts.failed(`client ${round}`, `10.0.${round >> 8}.${round & 255}`);
  assert.equal(attempts.wait_s('client 0', '10.0.0.0'), 0, 'the oldest were forgotten');
  assert.equal(attempts.wait_s('client 9999', '10.0.39.15'), 60);
});

test('an IPv6 caller is its /64, an IPv4 one itself', () => {
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('2001:DB8::1'), networkOf('2001:db8:0:0:ffff::9'));
  assert.notEqual(networkOf('2001:db8:0:1::1'), networkOf('2001:db8:0:2::1'));
  assert.equal(networkOf('::1'), '0:0:0:0');
});
