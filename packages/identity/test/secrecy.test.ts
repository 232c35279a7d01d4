import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { filesWith } from './postgres.ts';
import { asked, bearer, call, openWorld, type World, wanted } from './world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

test('no secret and no token stands in the database, its log, our lines or an error', async () => {
  const { identity, postgres } = world;
  const label = 'canary-label-of-a-client';
  const first = await identity.clients.create(wanted({ name: label }));
  const second = await identity.clients.rotateSecret(first.client_id);
  const token = await identity.tokens.issue(second, '192.0.2.1');
  await asked(identity, bearer(token));
  await identity.tokens.revoke(second, '192.0.2.1', token.access_token);
  const wrong = { ...second, client_secret: `${second.client_secret}x` };
  const errors = [
    await asked(identity, `${bearer(token)}x`),
    await asked(identity, bearer(token)),
    await call(identity, { form: { grant_type: 'client_credentials', ...wrong } }),
    await call(identity, { form: { grant_type: second.client_secret, ...second } }),
    await call(identity, { form: { grant_type: 'client_credentials', ...second, scope: token.access_token } }),
  ];
  await postgres.asOwner('checkpoint');
  const said = inspect(errors, { depth: 9 }) + world.lines.join('\n');
  for (const secret of [first.client_secret, second.client_secret, token.access_token]) {
    for (const part of [secret, secret.slice(4, 24)]) {
      assert.deepEqual(filesWith(postgres.files, part), []);
      assert.ok(!said.includes(part));
    }
  }
  assert.ok(filesWith(postgres.files, label).length > 0, 'negative control: what stands in clear is found');
});
