import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Inside, openInside } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { firstAdministrator, type Person } from '../harness/people.ts';

// What nobody asks for has no request whose entry tells it: the real command writes one of its own.
let instance: Instance;
let inside: Inside;
let person: Person;
before(async () => {
  instance = await start();
  person = await firstAdministrator(instance);
  inside = await openInside(instance.data);
});
after(async () => {
  await inside.close();
  await instance.stop();
  await removeData(instance.data);
});

test('a session that a cookie in another browser ended stands in its tenant’s ledger', async () => {
  const { items } = (await person.jar.api('GET', '/me/sessions')).json;
  const { id } = items[0];
  const elsewhere = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/146.0' };
  assert.equal((await person.jar.ask({ path: '/api/v1/me', headers: elsewhere })).status, 401);
  assert.equal((await person.jar.api('GET', '/me')).status, 401, 'over for both');
  // Stopping waits for what is being written.
  const before = instance.data;
  await inside.close();
  await instance.stop();
  instance = await start({ data: before });
  inside = await openInside(before);
  const told = (await inside.events(1)).filter(({ action }) => action === 'session-end');
  assert.deepEqual(
    told.map(({ at: _, ...event }) => event),
    [
      {
        id,
        kind: 'request',
        tenant: 1,
        actor: person.id,
        view: 'full',
        action: 'session-end',
        outcome: 'permit',
        status: 200,
        reason: 'another browser',
        from: 'local',
        targets: [
          { type: 'Session', id },
          { type: 'Account', id: person.id },
        ],
      },
    ],
  );
});
